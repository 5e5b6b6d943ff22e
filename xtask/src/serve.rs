//! A small web server for a folder, on loopback only.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::shell::{Outcome, say};

/// What a request line may be long.
const LONGEST_LINE: u64 = 8 * 1024;
/// Header lines that are read before the answer.
const MOST_LINES: usize = 100;
/// How long a silent client is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Types by extension; anything else is a stream of bytes.
const TYPES: [(&str, &str); 6] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("md", "text/plain; charset=utf-8"),
];

/// Serves `folder` until the program ends; port 0 takes a free one. `told` hears the address.
pub fn serve(folder: &Path, port: u16, told: impl FnOnce(&str)) -> Outcome<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|e| format!("port {port}: {e}; expected a free one, or --port 0"))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let folder = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
    told(&format!("http://{address}/"));
    for stream in listener.incoming().flatten() {
        let folder = folder.clone();
        std::thread::spawn(move || {
            // A client that goes away hurts nobody.
            if let Err(error) = answer(&folder, &stream) {
                say(&format!("a request was dropped: {error}"));
            }
        });
    }
    Ok(())
}

fn answer(folder: &Path, stream: &TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream);
    let request = line(&mut lines)?;
    for _ in 0..MOST_LINES {
        if line(&mut lines)?.is_empty() {
            break;
        }
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let found = find(folder, target).and_then(|path| Some((fs::read(&path).ok()?, path)));
    match (method, found) {
        ("GET", Some((body, path))) => reply(stream, "200 OK", kind(&path), &body, true),
        ("HEAD", Some((body, path))) => reply(stream, "200 OK", kind(&path), &body, false),
        ("GET" | "HEAD", None) => {
            reply(stream, "404 Not Found", "text/plain", b"not found\n", method == "GET")
        }
        _ => reply(stream, "405 Method Not Allowed", "text/plain", b"GET and HEAD only\n", true),
    }
}

fn line(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_string())
}

fn reply(mut to: &TcpStream, status: &str, kind: &str, body: &[u8], whole: bool) -> std::io::Result<()> {
    write!(
        to,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         Connection: close\r\n\r\n",
        body.len()
    )?;
    to.write_all(if whole { body } else { &[] })
}

fn kind(path: &Path) -> &'static str {
    let known = |(extension, _): &&(&str, &str)| path.extension().is_some_and(|e| e == *extension);
    TYPES.iter().find(known).map_or("application/octet-stream", |(_, kind)| kind)
}

/// The file that a request's target names, if it is one and lies in `folder`.
fn find(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next().unwrap_or("");
    let mut file = folder.to_path_buf();
    for part in path.strip_prefix('/')?.split('/') {
        let part = unescape(part)?;
        if part.contains(['/', '\\', '\0', ':']) || part.starts_with('.') {
            return None;
        }
        file.push(part);
    }
    if file.is_dir() {
        file.push("index.html");
    }
    // A symbolic link may lead out of the folder.
    file.canonicalize().ok().filter(|file| file.starts_with(folder) && file.is_file())
}

/// A part of a path without its percent signs (RFC 3986 2.1).
fn unescape(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-serve-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("site/sub dir")).unwrap();
        fs::write(folder.join("secret"), "no").unwrap();
        fs::write(folder.join("site/index.html"), "start").unwrap();
        fs::write(folder.join("site/sub dir/a.wasm.lzma"), "bytes").unwrap();
        fs::write(folder.join("site/.hidden"), "no").unwrap();
        folder.canonicalize().unwrap()
    }

    #[test]
    fn a_target_names_a_file_of_the_folder_or_nothing() {
        let outer = folder("find");
        let site = outer.join("site");
        for (target, file) in [
            ("/", Some("index.html")),
            ("/index.html?v=1", Some("index.html")),
            ("/sub%20dir/a.wasm.lzma", Some("sub dir/a.wasm.lzma")),
            ("/sub%20dir", None),
            ("/../secret", None),
            ("/%2e%2e/secret", None),
            ("/..%2fsecret", None),
            ("/sub%20dir/../../secret", None),
            ("/.hidden", None),
            ("//secret", None),
            ("/%zz", None),
            ("/%00", None),
            ("secret", None),
            ("", None),
        ] {
            assert_eq!(find(&site, target), file.map(|f| site.join(f)), "{target}");
        }
        fs::remove_dir_all(outer).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let outer = folder("link");
        std::os::unix::fs::symlink(outer.join("secret"), outer.join("site/way-out")).unwrap();
        assert_eq!(find(&outer.join("site"), "/way-out"), None);
        fs::remove_dir_all(outer).unwrap();
    }

    fn ask(address: &str, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn get_and_head_are_answered_and_nothing_else() {
        let outer = folder("ask");
        let site = outer.join("site");
        let (told, address) = std::sync::mpsc::channel();
        std::thread::spawn(move || serve(&site, 0, |url| told.send(url.to_string()).unwrap()));
        let url = address.recv().unwrap();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        for (request, status, body) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "start"),
            ("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200", ""),
            ("GET /none HTTP/1.1\r\n\r\n", "HTTP/1.1 404", "not found\n"),
            ("POST / HTTP/1.1\r\n\r\n", "HTTP/1.1 405", "GET and HEAD only\n"),
            ("nonsense\r\n\r\n", "HTTP/1.1 405", "GET and HEAD only\n"),
        ] {
            let answer = ask(address, request);
            assert!(answer.starts_with(status), "{request}: {answer}");
            assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, body, "{request}");
        }
        assert!(
            ask(address, "GET /sub%20dir/a.wasm.lzma HTTP/1.1\r\n\r\n").contains("application/octet-stream")
        );
        fs::remove_dir_all(outer).unwrap();
    }
}
