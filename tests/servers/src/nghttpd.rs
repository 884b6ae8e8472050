//! nghttpd, which pushes.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::cert;
use crate::child::{self, Program};
use crate::pattern::pattern;
use crate::raw::ReservedPort;

/// nghttpd on a free port of 127.0.0.1, HTTP/2 over TLS. Dropping it stops it.
///
/// | path | content | pushed with it |
/// |---|---|---|
/// | /page.txt | `hello, world\n` | /one.bin, /two.bin |
/// | /one.bin, /two.bin | 1000 and 2000 bytes of the pattern | |
#[derive(Debug)]
pub struct Nghttpd {
    port: u16,
    directory: PathBuf,
    _program: Program,
}

impl Nghttpd {
    /// Starts one and waits until it listens.
    pub fn start() -> io::Result<Self> {
        let program = child::find("nghttpd", "nghttp2-server")?;
        let temporary = tempfile::Builder::new().prefix("curlback-nghttpd-").tempdir()?;
        let directory = temporary.path().to_owned();
        cert::write_to(&directory)?;
        let root = directory.join("www");
        fs::create_dir(&root)?;
        fs::write(root.join("page.txt"), "hello, world\n")?;
        fs::write(root.join("one.bin"), pattern(0, 1000))?;
        fs::write(root.join("two.bin"), pattern(0, 2000))?;
        // Held until it listens, so that nobody else gets it.
        let reserved = ReservedPort::new()?;
        let port = reserved.port();
        let mut command = Command::new(program);
        command.args(["--push=/page.txt=/one.bin,/two.bin", "--address=127.0.0.1", "--htdocs"]).arg(root);
        command.arg(port.to_string());
        let file = |extension: &str| directory.join(format!("{}.{extension}", cert::VALID));
        command.args([file("key"), file("pem")]);
        let program = Program::start(command, temporary, vec![port])?;
        Ok(Self { port, directory, _program: program })
    }

    /// One for the whole process, stopped when it exits.
    pub fn shared() -> Result<&'static Self, &'static io::Error> {
        static SHARED: OnceLock<io::Result<Nghttpd>> = OnceLock::new();
        SHARED.get_or_init(Nghttpd::start).as_ref()
    }

    /// `https://127.0.0.1:PORT` and then `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }

    /// The certificate of the authority that issued the server's.
    pub fn ca_path(&self) -> PathBuf {
        self.directory.join(cert::CA_FILE)
    }
}
