//! An FTP server: Python's pyftpdlib.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::child::{self, Program};
use crate::pattern::pattern;
use crate::raw::ReservedPort;

const SERVER: &str = include_str!("ftp.py");

/// pyftpdlib on a free port of 127.0.0.1, for anybody, who may write too. Dropping it stops it.
///
/// | path | content |
/// |---|---|
/// | /many | file000.txt to file199.txt, each with its own number and a line end; the directory sub; the link to-file007.txt |
/// | /kinds/regular.bin | 1234 bytes of the pattern, mode 640 |
/// | /kinds/directory | a directory |
/// | /kinds/link | a symbolic link to regular.bin |
#[derive(Debug)]
pub struct Ftp {
    port: u16,
    root: PathBuf,
    _program: Program,
}

impl Ftp {
    /// How many regular files /many has.
    pub const FILES: usize = 200;

    /// Starts one and waits until it listens.
    pub fn start() -> io::Result<Self> {
        let python = child::python("pyftpdlib", "python3-pyftpdlib")?;
        let temporary = tempfile::Builder::new().prefix("curlback-ftp-").tempdir()?;
        let root = temporary.path().join("root");
        fill(&root)?;
        // Held until the server listens, so that nobody else gets it.
        let reserved = ReservedPort::new()?;
        let port = reserved.port();
        let mut command = Command::new(python);
        command.args(["-c", SERVER, &port.to_string()]).arg(&root);
        let program = Program::start(command, temporary, vec![port])?;
        Ok(Self { port, root, _program: program })
    }

    /// One for the whole process, stopped when it exits.
    pub fn shared() -> Result<&'static Self, &'static io::Error> {
        static SHARED: OnceLock<io::Result<Ftp>> = OnceLock::new();
        SHARED.get_or_init(Ftp::start).as_ref()
    }

    /// `ftp://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("ftp://127.0.0.1:{}{path}", self.port)
    }

    /// The directory that the server shows.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

fn fill(root: &Path) -> io::Result<()> {
    let many = root.join("many");
    fs::create_dir_all(many.join("sub"))?;
    for number in 0..Ftp::FILES {
        fs::write(many.join(format!("file{number:03}.txt")), format!("{number}\n"))?;
    }
    symlink("file007.txt", many.join("to-file007.txt"))?;
    let kinds = root.join("kinds");
    fs::create_dir_all(kinds.join("directory"))?;
    let regular = kinds.join("regular.bin");
    fs::write(&regular, pattern(0, 1234))?;
    fs::set_permissions(&regular, fs::Permissions::from_mode(0o640))?;
    symlink("regular.bin", kinds.join("link"))
}
