//! OpenSSH's server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::child::{self, Program};
use crate::raw::ReservedPort;

/// What sort of host key a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKey {
    Ed25519,
    Rsa,
}

impl HostKey {
    /// ssh-keygen's name.
    fn name(self) -> &'static str {
        match self {
            HostKey::Ed25519 => "ed25519",
            HostKey::Rsa => "rsa",
        }
    }
}

/// sshd on a free port of 127.0.0.1, as the current user, who logs in with [`Sshd::user_key`]. Dropping it stops it.
///
/// Its directory has the file hello.txt: `hello, ssh\n`.
#[derive(Debug)]
pub struct Sshd {
    port: u16,
    user: String,
    directory: PathBuf,
    key: String,
    other_key: String,
    _program: Program,
}

impl Sshd {
    /// Starts one with this host key and no other, and waits until it listens.
    pub fn start(host_key: HostKey) -> io::Result<Self> {
        let program = child::find("sshd", "openssh-server")?;
        let temporary = tempfile::Builder::new().prefix("curlback-sshd-").tempdir()?;
        let directory = temporary.path().to_owned();
        let user = output(Command::new("id").arg("-un"))?;
        if user == "root" {
            // What sshd changes its root to, where a service's unit file would have made it.
            fs::create_dir_all("/run/sshd")?;
        }
        let key = generate(&directory, "host", host_key)?;
        let other_key = generate(&directory, "other", host_key)?;
        let authorized = generate(&directory, "user", HostKey::Ed25519)?;
        fs::write(directory.join("authorized_keys"), authorized + "\n")?;
        fs::write(directory.join("hello.txt"), "hello, ssh\n")?;
        // Held until sshd listens, so that nobody else gets it.
        let reserved = ReservedPort::new()?;
        let port = reserved.port();
        fs::write(directory.join("sshd_config"), configuration(&directory, port))?;

        let mut command = Command::new(program);
        command.args(["-D", "-e", "-f"]).arg(directory.join("sshd_config"));
        let program = Program::start(command, temporary, vec![port])?;
        Ok(Self { port, user, directory, key, other_key, _program: program })
    }

    /// One for each sort of key and the whole process, stopped when it exits.
    pub fn shared(host_key: HostKey) -> Result<&'static Self, &'static io::Error> {
        static SHARED: [OnceLock<io::Result<Sshd>>; 2] = [const { OnceLock::new() }; 2];
        SHARED[host_key as usize].get_or_init(|| Sshd::start(host_key)).as_ref()
    }

    /// `scheme`, sftp or scp, `://USER@127.0.0.1:PORT` and the path of `name` in the server's directory.
    pub fn url(&self, scheme: &str, name: &str) -> String {
        format!("{scheme}://{}@127.0.0.1:{}{}/{name}", self.user, self.port, self.directory.display())
    }

    /// The private key that logs in; its public key has the same name and `.pub`.
    pub fn user_key(&self) -> PathBuf {
        self.directory.join("user")
    }

    /// The host key's sort and base64 text, as in `ssh-rsa AAAA`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A key of the same sort that the server does not have.
    pub fn other_key(&self) -> &str {
        &self.other_key
    }

    /// A line of a known-hosts file that has this key for the server.
    pub fn known_hosts_line(&self, key: &str) -> String {
        format!("[127.0.0.1]:{} {key}\n", self.port)
    }
}

/// Makes a key pair and answers with the public key.
fn generate(directory: &Path, name: &str, sort: HostKey) -> io::Result<String> {
    let file = directory.join(name);
    let mut command = Command::new(child::find("ssh-keygen", "openssh-client")?);
    command.args(["-q", "-N", "", "-C", "", "-t", sort.name()]);
    if sort == HostKey::Rsa {
        command.args(["-b", "2048"]);
    }
    output(command.arg("-f").arg(&file))?;
    Ok(fs::read_to_string(file.with_extension("pub"))?.trim().to_owned())
}

fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("{command:?} failed: {stderr}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// SSH libraries of before 2022 know RSA host keys by the algorithm ssh-rsa alone.
fn configuration(directory: &Path, port: u16) -> String {
    let directory = directory.display();
    format!(
        "ListenAddress 127.0.0.1:{port}
HostKey \"{directory}/host\"
HostKeyAlgorithms +ssh-rsa
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile \"{directory}/authorized_keys\"
Subsystem sftp internal-sftp
MaxStartups 1000
"
    )
}
