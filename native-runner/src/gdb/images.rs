//! The images with their symbols, as files that gdb reads over its own connection.
//!
//! On attaching, gdb asks which file runs and reads that; `file target:/NAME` reads another. There are no
//! other files, and none is written.

use gdbstub::common::Pid;
use gdbstub::target::TargetResult;
use gdbstub::target::ext::exec_file::ExecFile;
use gdbstub::target::ext::host_io::{
    HostIo, HostIoClose, HostIoCloseOps, HostIoErrno, HostIoError, HostIoFstat, HostIoFstatOps, HostIoOpen,
    HostIoOpenFlags, HostIoOpenMode, HostIoOpenOps, HostIoPread, HostIoPreadOps, HostIoResult, HostIoStat,
};
use observe::debugger::Scope;
use observe::symbols::World;

use super::target::Debugged;

/// What an ELF image begins with; another kernel's file would only confuse gdb.
const ELF: &[u8] = b"\x7fELF";
/// `fstat`'s size of a block.
const BLOCK: u64 = 512;

/// An image of one world.
#[derive(Clone, Debug)]
pub struct Image {
    /// Whose it is.
    pub world: World,
    /// Its name, without folders.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The images of a machine; those that are no ELF are left out.
#[derive(Clone, Debug, Default)]
pub struct Images(Vec<Image>);

impl Images {
    /// These files: the booted one, and the first module.
    pub fn new(files: &[(String, &[u8])]) -> Images {
        let image = |(world, (path, bytes)): (World, &(String, &[u8]))| Image {
            world,
            name: path.rsplit('/').next().unwrap_or(path).to_string(),
            bytes: bytes.to_vec(),
        };
        let all = [World::Root, World::Guest].into_iter().zip(files).map(image);
        Images(all.filter(|image| image.bytes.starts_with(ELF)).collect())
    }

    /// The image that is debugged.
    pub fn of(&self, scope: Scope) -> Option<&Image> {
        let world = match scope {
            Scope::Only(world) => world,
            Scope::Any => World::Root,
        };
        self.0.iter().find(|image| image.world == world)
    }

    fn get(&self, fd: u32) -> Option<&Image> {
        self.0.get(fd as usize)
    }
}

/// Copies what is at `offset`, as much as fits; how much that was.
fn copy(from: &[u8], offset: u64, count: usize, to: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|at| from.get(at..)).unwrap_or_default();
    let take = rest.len().min(count).min(to.len());
    to[..take].copy_from_slice(&rest[..take]);
    take
}

fn refused<T>(errno: HostIoErrno) -> HostIoResult<T, Debugged> {
    Err(HostIoError::Errno(errno))
}

impl ExecFile for Debugged {
    fn get_exec_file(
        &self,
        _: Option<Pid>,
        offset: u64,
        length: usize,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        let path = self.images.of(self.debugger.scope).map(|image| format!("/{}", image.name));
        Ok(copy(path.unwrap_or_default().as_bytes(), offset, length, buf))
    }
}

impl HostIo for Debugged {
    fn support_open(&mut self) -> Option<HostIoOpenOps<'_, Self>> {
        Some(self)
    }

    fn support_close(&mut self) -> Option<HostIoCloseOps<'_, Self>> {
        Some(self)
    }

    fn support_pread(&mut self) -> Option<HostIoPreadOps<'_, Self>> {
        Some(self)
    }

    fn support_fstat(&mut self) -> Option<HostIoFstatOps<'_, Self>> {
        Some(self)
    }
}

impl HostIoOpen for Debugged {
    fn open(&mut self, name: &[u8], flags: HostIoOpenFlags, _: HostIoOpenMode) -> HostIoResult<u32, Self> {
        if flags.intersects(HostIoOpenFlags::O_WRONLY | HostIoOpenFlags::O_RDWR) {
            return refused(HostIoErrno::EROFS);
        }
        let is = |image: &Image| name.strip_prefix(b"/") == Some(image.name.as_bytes());
        match self.images.0.iter().position(is) {
            Some(at) => Ok(at as u32),
            None => refused(HostIoErrno::ENOENT),
        }
    }
}

impl HostIoClose for Debugged {
    fn close(&mut self, fd: u32) -> HostIoResult<(), Self> {
        if self.images.get(fd).is_some() { Ok(()) } else { refused(HostIoErrno::EBADF) }
    }
}

impl HostIoPread for Debugged {
    fn pread(&mut self, fd: u32, count: usize, offset: u64, buf: &mut [u8]) -> HostIoResult<usize, Self> {
        match self.images.get(fd) {
            Some(image) => Ok(copy(&image.bytes, offset, count, buf)),
            None => refused(HostIoErrno::EBADF),
        }
    }
}

impl HostIoFstat for Debugged {
    fn fstat(&mut self, fd: u32) -> HostIoResult<HostIoStat, Self> {
        let Some(image) = self.images.get(fd) else { return refused(HostIoErrno::EBADF) };
        let size = image.bytes.len() as u64;
        Ok(HostIoStat {
            st_dev: 0,
            st_ino: fd + 1,
            st_mode: HostIoOpenMode::S_IFREG | HostIoOpenMode::S_IRUSR,
            st_nlink: 1,
            st_uid: 0,
            st_gid: 0,
            st_rdev: 0,
            st_size: size,
            st_blksize: BLOCK,
            st_blocks: size.div_ceil(BLOCK),
            st_atime: 0,
            st_mtime: 0,
            st_ctime: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_ends_where_the_file_ends() {
        let mut buffer = [0; 4];
        assert_eq!(copy(b"abcdef", 4, 100, &mut buffer), 2);
        assert_eq!(copy(b"abcdef", 1, 3, &mut buffer), 3);
        assert_eq!(&buffer[..3], b"bcd");
        for beyond in [6, 7, u64::MAX] {
            assert_eq!(copy(b"abcdef", beyond, 4, &mut buffer), 0);
        }
    }

    #[test]
    fn only_images_with_symbols_are_files() {
        let files = [("a/kernel".to_string(), &b"MZ"[..]), ("b/guest".to_string(), &b"\x7fELF..."[..])];
        let images = Images::new(&files);
        assert!(images.of(Scope::Any).is_none());
        assert_eq!(images.of(Scope::Only(World::Guest)).map(|i| i.name.as_str()), Some("guest"));
    }
}
