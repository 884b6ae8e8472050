//! nginx as a child process that does not outlive this one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::cert;
use crate::pattern::{pattern, pieces};
use crate::raw::ReservedPort;

/// The size of the file that [`Nginx::big_file`] creates.
pub const BIG_FILE_SIZE: u64 = 64 << 20;

const READY_LIMIT: Duration = Duration::from_secs(20);
const LOG: &str = "nginx.log";

/// nginx on free ports of 127.0.0.1, as the current user, in a temporary directory. Dropping it stops it.
///
/// | path | content |
/// |---|---|
/// | /hello.txt | `hello, world\n` |
/// | /small.txt | 100 bytes of the pattern |
/// | /64MiB.bin | the pattern; exists once [`Nginx::big_file`] was called |
#[derive(Debug)]
pub struct Nginx {
    http: u16,
    https: u16,
    expired: u16,
    wrong_name: u16,
    directory: PathBuf,
    big_file: Mutex<bool>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// The supervisor stops nginx when this goes.
    stop: mpsc::Sender<()>,
    supervisor: JoinHandle<()>,
    directory: TempDir,
}

impl Nginx {
    /// Starts one and waits until it listens.
    pub fn start() -> io::Result<Self> {
        let program = find_program()?;
        let temporary = tempfile::Builder::new().prefix("curlback-nginx-").tempdir()?;
        let directory = temporary.path().to_owned();
        cert::write_to(&directory)?;
        let root = directory.join("www");
        fs::create_dir(&root)?;
        fs::write(root.join("hello.txt"), "hello, world\n")?;
        fs::write(root.join("small.txt"), pattern(0, 100))?;

        // Held until nginx listens, so that nobody else gets them.
        let reserved: Vec<ReservedPort> = (0..4).map(|_| ReservedPort::new()).collect::<io::Result<_>>()?;
        let ports: Vec<u16> = reserved.iter().map(ReservedPort::port).collect();
        let [http, https, expired, wrong_name] = ports[..] else { unreachable!("four were reserved") };
        let tls = [(https, cert::VALID), (expired, cert::EXPIRED), (wrong_name, cert::WRONG_NAME)];
        fs::write(directory.join("nginx.conf"), configuration(http, &tls))?;

        let (stop, stopped) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let supervisor = {
            let directory = directory.clone();
            thread::Builder::new()
                .name("nginx".into())
                .spawn(move || supervise(&program, &directory, &ports, &ready, &stopped))?
        };
        is_ready.recv().map_err(io::Error::other)??;
        let running = Running { stop, supervisor, directory: temporary };
        Ok(Self {
            http,
            https,
            expired,
            wrong_name,
            directory,
            big_file: Mutex::new(false),
            running: Mutex::new(Some(running)),
        })
    }

    /// One for the whole process, stopped when it exits.
    pub fn shared() -> Result<&'static Self, &'static io::Error> {
        extern "C" fn stop_shared() {
            if let Some(Ok(nginx)) = SHARED.get() {
                nginx.stop();
            }
        }
        static SHARED: OnceLock<io::Result<Nginx>> = OnceLock::new();
        let start = || {
            let nginx = Nginx::start()?;
            // A static is not dropped, and the directory would stay.
            // SAFETY: the function has the signature that atexit asks for, and it is part of the program, so that it
            // is still there at exit.
            if unsafe { libc::atexit(stop_shared) } != 0 {
                return Err(io::Error::other("atexit has no room for stopping nginx"));
            }
            Ok(nginx)
        };
        SHARED.get_or_init(start).as_ref()
    }

    /// `http://127.0.0.1:PORT` and then `path`: HTTP/1.1.
    pub fn http_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    /// `https://127.0.0.1:PORT` and then `path`: HTTP/2 and HTTP/1.1, with a certificate that verifies against
    /// [`Nginx::ca_path`] for 127.0.0.1 and localhost.
    pub fn https_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.https)
    }

    /// The same with a certificate that expired in 2020.
    pub fn expired_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.expired)
    }

    /// The same with a certificate for another name.
    pub fn wrong_name_url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.wrong_name)
    }

    pub fn http_port(&self) -> u16 {
        self.http
    }

    pub fn https_port(&self) -> u16 {
        self.https
    }

    /// The certificate of the authority that issued the servers' certificates.
    pub fn ca_path(&self) -> PathBuf {
        self.directory.join(cert::CA_FILE)
    }

    /// Creates /64MiB.bin where it does not exist yet, and returns its path for the URL.
    pub fn big_file(&self) -> io::Result<&'static str> {
        let mut exists = self.big_file.lock().unwrap_or_else(PoisonError::into_inner);
        if !*exists {
            let mut file = File::create(self.directory.join("www/64MiB.bin"))?;
            pieces(0, BIG_FILE_SIZE).try_for_each(|piece| file.write_all(&piece))?;
            *exists = true;
        }
        Ok("/64MiB.bin")
    }

    fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { stop, supervisor, directory }) = running {
            drop(stop);
            // A panic in there was printed already, and a second one here would abort the test.
            let _ = supervisor.join();
            drop(directory);
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.stop();
    }
}

fn find_program() -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|directory| directory.join("nginx"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            let sentence = "nginx is not installed: it is neither in PATH nor in /usr/sbin; on Debian, run apt-get install nginx";
            io::Error::new(io::ErrorKind::NotFound, sentence)
        })
}

/// All paths are relative to the directory given with -p, whatever characters that has.
fn configuration(http: u16, tls: &[(u16, &str)]) -> String {
    // One process, so that killing it leaves none behind, and none that changes to another user.
    let mut text = format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    types {{ text/plain txt; }}
    default_type application/octet-stream;
    sendfile on;
    keepalive_requests 1000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    root www;
    server {{ listen 127.0.0.1:{http}; }}
"
    );
    for (port, certificate) in tls {
        text += &format!(
            "    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificate}.pem;
        ssl_certificate_key {certificate}.key;
    }}
"
        );
    }
    text + "}\n"
}

/// Starts nginx, says how that went, and kills it when the other end of `stopped` goes.
///
/// This is a thread of its own because the kernel kills nginx when the thread that started it ends.
fn supervise(
    program: &Path,
    directory: &Path,
    ports: &[u16],
    ready: &mpsc::Sender<io::Result<()>>,
    stopped: &mpsc::Receiver<()>,
) {
    let mut child = match spawn(program, directory) {
        Ok(child) => child,
        Err(error) => {
            let sentence = format!("{} does not start: {error}", program.display());
            let _ = ready.send(Err(io::Error::new(error.kind(), sentence)));
            return;
        }
    };
    let outcome = wait_ready(&mut child, directory, ports);
    let failed = outcome.is_err();
    // Where the starter is gone, `stopped` says so too.
    let _ = ready.send(outcome);
    if !failed {
        let _ = stopped.recv();
    }
    // It may have ended by itself, and is waited for in either case.
    let _ = child.kill();
    let _ = child.wait();
}

fn spawn(program: &Path, directory: &Path) -> io::Result<Child> {
    let log = File::create(directory.join(LOG))?;
    let parent = std::process::id();
    let mut command = Command::new(program);
    command
        .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let die_with_parent = move || {
        // SAFETY: PR_SET_PDEATHSIG takes a signal number and touches no memory of ours.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: getppid has no preconditions.
        if u32::try_from(unsafe { libc::getppid() }) != Ok(parent) {
            // The parent died before the line above.
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure only makes system calls that are async-signal-safe; it neither
    // allocates nor takes a lock.
    unsafe { command.pre_exec(die_with_parent) };
    command.spawn()
}

fn wait_ready(child: &mut Child, directory: &Path, ports: &[u16]) -> io::Result<()> {
    let end = Instant::now() + READY_LIMIT;
    let log = || fs::read_to_string(directory.join(LOG)).unwrap_or_default();
    loop {
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("nginx ended at once with {status}: {}", log())));
        }
        if ports.iter().all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok()) {
            return Ok(());
        }
        if Instant::now() > end {
            let sentence = format!("nginx did not listen within {READY_LIMIT:?}: {}", log());
            return Err(io::Error::new(io::ErrorKind::TimedOut, sentence));
        }
        thread::sleep(Duration::from_millis(5));
    }
}
