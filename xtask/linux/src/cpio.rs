//! The archive that the kernel unpacks into its root: cpio, "newc"
//! (Documentation/driver-api/early-userspace/buffer-format.rst).

use std::collections::BTreeSet;

/// `c_mode`'s file types.
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;
const CHARACTER: u32 = 0o020_000;

/// An archive being written. Folders on the way to a file are made as needed.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    names: BTreeSet<String>,
    inodes: u32,
}

/// What a header says besides the name.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    mode: u32,
    links: u32,
    device: (u32, u32),
}

impl Archive {
    /// A folder.
    pub fn folder(&mut self, path: &str) {
        let path = path.trim_matches('/');
        if path.is_empty() || self.names.contains(path) {
            return;
        }
        self.parents(path);
        self.entry(path, Entry { mode: DIRECTORY | 0o755, links: 2, ..Entry::default() }, &[]);
    }

    /// A file with these permissions.
    pub fn file(&mut self, path: &str, permissions: u32, data: &[u8]) {
        let path = path.trim_matches('/');
        self.parents(path);
        self.entry(path, Entry { mode: REGULAR | permissions, links: 1, ..Entry::default() }, data);
    }

    /// A symbolic link.
    pub fn link(&mut self, path: &str, target: &str) {
        let path = path.trim_matches('/');
        self.parents(path);
        self.entry(path, Entry { mode: SYMLINK | 0o777, links: 1, ..Entry::default() }, target.as_bytes());
    }

    /// A character device.
    pub fn device(&mut self, path: &str, major: u32, minor: u32) {
        let path = path.trim_matches('/');
        self.parents(path);
        self.entry(path, Entry { mode: CHARACTER | 0o600, links: 1, device: (major, minor) }, &[]);
    }

    /// The whole archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.inodes = 0;
        self.header("TRAILER!!!", Entry { links: 1, ..Entry::default() }, 0, 0);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self.bytes
    }

    fn parents(&mut self, path: &str) {
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.folder(parent);
        }
    }

    fn entry(&mut self, path: &str, entry: Entry, data: &[u8]) {
        self.names.insert(path.to_string());
        self.inodes += 1;
        self.header(path, entry, self.inodes, data.len() as u32);
        self.bytes.extend_from_slice(data);
        self.align();
    }

    /// Thirteen numbers of eight hexadecimal digits, and the name.
    fn header(&mut self, name: &str, entry: Entry, inode: u32, size: u32) {
        let (owner, group, time) = (0, 0, 0);
        let on = (0, 0);
        let fields = [
            inode,
            entry.mode,
            owner,
            group,
            entry.links,
            time,
            size,
            on.0,
            on.1,
            entry.device.0,
            entry.device.1,
            name.len() as u32 + 1,
            0,
        ];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.align();
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, modes and contents, as a reader of the format finds them.
    fn read(bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
        let (mut at, mut found) = (0, Vec::new());
        let number = |at: usize| u32::from_str_radix(std::str::from_utf8(&bytes[at..at + 8]).unwrap(), 16);
        loop {
            assert_eq!(&bytes[at..at + 6], b"070701");
            let field = |i: usize| number(at + 6 + 8 * i).unwrap();
            let (mode, size, length) = (field(1), field(6) as usize, field(11) as usize);
            let name = String::from_utf8(bytes[at + 110..at + 109 + length].to_vec()).unwrap();
            let data = (at + 110 + length).next_multiple_of(4);
            if name == "TRAILER!!!" {
                return found;
            }
            found.push((name, mode, bytes[data..data + size].to_vec()));
            at = (data + size).next_multiple_of(4);
        }
    }

    #[test]
    fn what_is_put_in_comes_out_with_the_folders_on_its_way() {
        let mut archive = Archive::default();
        archive.file("/bin/sh", 0o755, b"#!");
        archive.file("bin/ls", 0o755, b"list");
        archive.link("/sbin/init", "../bin/sh");
        archive.device("dev/console", 5, 1);
        let bytes = archive.finish();
        assert_eq!(bytes.len() % 512, 0);
        let names: Vec<_> = read(&bytes).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["bin", "bin/sh", "bin/ls", "sbin", "sbin/init", "dev", "dev/console"]);
        let entry = |i: usize| read(&bytes).swap_remove(i);
        assert_eq!((entry(0).1, entry(1).1, entry(2).2.as_slice()), (0o040_755, 0o100_755, &b"list"[..]));
        assert_eq!((entry(4).1, entry(4).2.as_slice()), (0o120_777, &b"../bin/sh"[..]));
        assert_eq!(entry(6).1, 0o020_600);
    }
}
