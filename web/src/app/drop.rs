//! Files that a reader drops on the page: an image runs, a saved moment opens, a lesson plays.

use js_sys::Uint8Array;
use lab_protocol::{Dropped, Setup};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, FileList};
use yew::prelude::*;

use crate::store::{Act, Saying, Store};
use crate::words::{fill, words};
use crate::{host, load};

/// How an ELF image begins.
const ELF: [u8; 4] = [0x7f, b'E', b'L', b'F'];
/// How a saved moment begins: it is a link's fragment, however long.
const MOMENT: &[u8] = b"#/";
/// How a lesson begins.
const LESSON: &[u8] = b"+++";

/// Drag over, drag out, and drop.
pub fn handlers(store: &Store) -> (Callback<DragEvent>, Callback<DragEvent>, Callback<DragEvent>) {
    let over = Callback::from(|event: DragEvent| {
        event.prevent_default();
        hint(true);
    });
    let left = Callback::from(|event: DragEvent| {
        if event.related_target().is_none() {
            hint(false);
        }
    });
    let store = store.clone();
    let dropped = Callback::from(move |event: DragEvent| {
        event.prevent_default();
        hint(false);
        take(&store, list(event.data_transfer().and_then(|data| data.files())));
    });
    (over, left, dropped)
}

/// The files of a browser's list.
pub fn list(files: Option<FileList>) -> Vec<File> {
    files.map_or_else(Vec::new, |files| (0..files.length()).filter_map(|i| files.get(i)).collect())
}

/// Marks the page while something hovers over it.
fn hint(on: bool) {
    let root = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element());
    if let Some(root) = root {
        // A valid class name.
        let _ = root.class_list().toggle_with_force("dropping", on);
    }
}

/// Reads files and says what comes of them.
pub fn take(store: &Store, files: Vec<File>) {
    let store = store.clone();
    spawn_local(async move {
        let mut read = Vec::new();
        for file in files {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => read.push((file.name(), Uint8Array::new(&buffer).to_vec())),
                Err(_) => return refuse(&store, fill(words().not_readable, &[("name", &file.name())])),
            }
        }
        open(&store, read);
    });
}

fn refuse(store: &Store, text: String) {
    store.act(Act::Say(Saying::wrong(text, Vec::new())));
}

/// What the machine's loader may take: ELF, a bzImage (Linux boot protocol, offset 0x202), multiboot 1 and 2.
fn is_kernel(bytes: &[u8]) -> bool {
    let magic = |word: &[u8]| word == [2, 0xb0, 0xad, 0x1b] || word == [0xd6, 0x50, 0x52, 0xe8];
    let linux = bytes.get(0x202..0x206) == Some(b"HdrS");
    linux || bytes.starts_with(&ELF) || bytes.chunks_exact(4).take(8192).any(magic)
}

/// The first image is the kernel, everything else goes with it.
fn open(store: &Store, mut files: Vec<(String, Vec<u8>)>) {
    if let Some((_, bytes)) = files.iter().find(|(_, bytes)| bytes.starts_with(MOMENT)) {
        return load::follow(store, String::from_utf8_lossy(bytes).trim());
    }
    let lesson = |(name, bytes): &&(String, Vec<u8>)| bytes.starts_with(LESSON) || name.ends_with(".md");
    if let Some((name, text)) = files.iter().find(lesson) {
        return host::lesson(name, text);
    }
    let Some(place) = files.iter().position(|(_, bytes)| is_kernel(bytes)) else {
        let Some((name, bytes)) = files.first() else { return };
        let begin: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let text = fill(words().not_an_image, &[("name", name), ("bytes", &begin.join(" "))]);
        return refuse(store, text);
    };
    let (name, kernel) = files.remove(place);
    let brought = std::iter::once((&name, &kernel)).chain(files.iter().map(|(name, bytes)| (name, bytes)));
    let hashes: Vec<_> = brought.map(|(name, bytes)| (name.clone(), hash(bytes))).collect();
    if let Some(missing) = missing(&store.now().link.files, &hashes) {
        return refuse(store, fill(words().wrong_file, &[("name", missing)]));
    }
    let takes = offered(store, &name);
    let text = if takes { words().replaced } else { words().dropped };
    let said = fill(text, &[("name", &name)]);
    let dropped = Dropped { name, kernel, modules: files, cmdline: String::new() };
    store.act(Act::Dropped(Box::new(dropped), hashes));
    store.act(Act::Say(Saying::note(said)));
    load::load(store);
}

/// A file that a link wants and that is not among those brought, by what is in them.
fn missing<'a>(wanted: &'a [(String, String)], brought: &[(String, String)]) -> Option<&'a str> {
    let there = |hash: &str| brought.iter().any(|(_, its)| its == hash);
    wanted.iter().find(|(_, hash)| !there(hash)).map(|(name, _)| name.as_str())
}

/// Whether the scenario has an image of that name.
fn offered(store: &Store, name: &str) -> bool {
    let lab = store.now();
    let offer = lab.site.scenario(lab.site.of_lesson(&lab.link.name).unwrap_or(&lab.link.name));
    offer.is_some_and(|offer| offer.images.iter().any(|(known, ..)| known == name))
}

/// A dropped image of a scenario's image's name takes its place; any other runs on a machine of its own.
pub fn place(mut setup: Setup) -> Setup {
    if let Some(dropped) = &mut setup.dropped
        && let Some((_, bytes)) = setup.images.iter_mut().find(|(name, _)| *name == dropped.name)
    {
        *bytes = std::mem::take(&mut dropped.kernel);
        setup.dropped = None;
    }
    setup
}

/// FNV-1a, 64 bits: enough to tell whether it is the same file.
fn hash(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(name: &str) -> Setup {
        let dropped = Dropped { name: name.into(), kernel: vec![2], ..Dropped::default() };
        Setup { images: vec![("net".into(), vec![1])], dropped: Some(dropped), ..Setup::default() }
    }

    #[test]
    fn an_image_of_a_known_name_takes_the_place_of_the_scenarios_own() {
        let placed = place(setup("net"));
        assert_eq!((placed.images, placed.dropped), (vec![("net".into(), vec![2])], None));
    }

    #[test]
    fn a_link_wants_every_file_by_what_is_in_it() {
        let files = |names: &[(&str, &str)]| {
            names.iter().map(|(name, hash)| (name.to_string(), hash.to_string())).collect::<Vec<_>>()
        };
        let wanted = files(&[("kernel", "aa"), ("disk", "bb")]);
        assert_eq!(missing(&wanted, &files(&[("disk", "bb"), ("renamed", "aa")])), None);
        assert_eq!(missing(&wanted, &files(&[("kernel", "aa")])), Some("disk"));
        assert_eq!(missing(&wanted, &files(&[("kernel", "cc"), ("disk", "bb")])), Some("kernel"));
        assert_eq!(missing(&[], &files(&[("any", "dd")])), None);
    }

    #[test]
    fn any_other_image_is_a_machine_of_its_own() {
        assert_eq!(place(setup("mine")), setup("mine"));
    }
}
