//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use observe::failure::{Failure, Outcome};

/// A file under a temporary name beside its own, until it is complete.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    partial: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Output {
    /// Opens it; nothing is under `path` itself until [`Output::commit`].
    pub fn create(path: &Path) -> Outcome<Output> {
        let cannot = |e| Failure::Usage(format!("{}: cannot be written: {e}", path.display()));
        if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            // A device or a pipe takes what it is given.
            let file = File::options().write(true).open(path).map_err(cannot)?;
            let (path, partial) = (path.to_path_buf(), PathBuf::new());
            return Ok(Output { path, partial, file: Some(BufWriter::new(file)) });
        }
        // Through a link, its file is written.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let Some(name) = path.file_name() else {
            return Err(Failure::Usage(format!("{}: is no file's name", path.display())));
        };
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(hidden);
        let file = File::create(&partial).map_err(cannot)?;
        Ok(Output { path: path.to_path_buf(), partial, file: Some(BufWriter::new(file)) })
    }

    /// Appends.
    pub fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        let result = self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        result.map_err(|e| self.failed(&e))
    }

    /// Gives the file its name: all of it is on the disk.
    pub fn commit(mut self) -> Outcome<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let file = file.into_inner().map_err(|e| self.failed(&e.into_error()))?;
        if self.partial.as_os_str().is_empty() {
            return Ok(());
        }
        let synced = file.sync_all();
        synced.and_then(|()| fs::rename(&self.partial, &self.path)).map_err(|e| self.failed(&e))?;
        self.partial = PathBuf::new();
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::Failed(format!("{}: not written: {error}; nothing of it is left", self.path.display()))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.partial.as_os_str().is_empty() {
            _ = fs::remove_file(&self.partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("output-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_complete() {
        let folder = folder("whole");
        let path = folder.join("a.txt");
        let mut output = Output::create(&path).unwrap();
        output.write(b"whole").unwrap();
        assert!(!path.exists());
        output.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_given_up_leaves_nothing_and_what_was_there_stays() {
        let folder = folder("given-up");
        let path = folder.join("a.txt");
        fs::write(&path, "before").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write(b"half").unwrap();
        drop(output);
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_and_a_link_is_followed() {
        let folder = folder("kinds");
        let mut null = Output::create(Path::new("/dev/null")).unwrap();
        null.write(b"gone").unwrap();
        null.commit().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let (file, link) = (folder.join("a.txt"), folder.join("link"));
        fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut output = Output::create(&link).unwrap();
        output.write(b"after").unwrap();
        output.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"after");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_full_disk_is_told_and_leaves_nothing() {
        let mut full = Output { path: "/dev/full".into(), partial: PathBuf::new(), file: None };
        full.file = Some(BufWriter::new(File::create("/dev/full").unwrap()));
        full.write(&vec![0; 1 << 20]).and_then(|()| full.commit()).unwrap_err();
    }
}
