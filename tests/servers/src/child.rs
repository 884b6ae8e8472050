//! A server program as a child process that does not outlive this one.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const READY_LIMIT: Duration = Duration::from_secs(20);
const LOG: &str = "server.log";

/// A running program with its directory, which goes with it. It is stopped when this is dropped, and when the process exits.
#[derive(Debug)]
pub struct Program(Arc<Shared>);

type Shared = Mutex<Option<Running>>;

#[derive(Debug)]
struct Running {
    /// The supervisor stops the program when this goes.
    stop: mpsc::Sender<()>,
    supervisor: JoinHandle<()>,
    directory: TempDir,
}

impl Program {
    /// Runs `command`, which stays in the foreground, and waits until it listens on each of the ports of 127.0.0.1.
    pub fn start(command: Command, directory: TempDir, ports: Vec<u16>) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let log = directory.path().join(LOG);
        let supervisor =
            thread::Builder::new().spawn(move || supervise(command, &log, &ports, &ready, &stopped))?;
        is_ready.recv().map_err(io::Error::other)??;
        let program = Self(Arc::new(Mutex::new(Some(Running { stop, supervisor, directory }))));
        stop_at_exit(&program.0)?;
        Ok(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        stop(&self.0);
    }
}

/// Stops the programs that are still running when the process exits: a static is not dropped, and its directory would stay.
extern "C" fn stop_all() {
    let shared = std::mem::take(&mut *STARTED.lock().unwrap_or_else(PoisonError::into_inner));
    shared.iter().filter_map(Weak::upgrade).for_each(|running| stop(&running));
}

static STARTED: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

fn stop_at_exit(shared: &Arc<Shared>) -> io::Result<()> {
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the function has the signature that atexit asks for, and it is part of the program, so that it is still
    // there at exit.
    if started.is_empty() && unsafe { libc::atexit(stop_all) } != 0 {
        return Err(io::Error::other("atexit has no room for stopping servers"));
    }
    started.push(Arc::downgrade(shared));
    Ok(())
}

fn stop(shared: &Shared) {
    let running = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Running { stop, supervisor, directory }) = running {
        drop(stop);
        // A panic in there was printed already, and a second one here would abort the test.
        let _ = supervisor.join();
        drop(directory);
    }
}

/// The path of a program that is in PATH or where Debian has its servers.
pub fn find(program: &str, package: &str) -> io::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .map(|directory| directory.join(program))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            let sentence = format!(
                "{program} is not installed: it is neither in PATH nor in /usr/sbin; on Debian, run apt-get install {package}"
            );
            io::Error::new(io::ErrorKind::NotFound, sentence)
        })
}

/// A Python that has the module: Debian's, most likely, whatever comes first in PATH.
pub fn python(module: &str, package: &str) -> io::Result<&'static str> {
    let has_module = |python: &&str| {
        let mut command = Command::new(python);
        command.args(["-c", &format!("import {module}")]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has_module).ok_or_else(|| {
        let sentence =
            format!("{module} is not installed: no Python has it; on Debian, run apt-get install {package}");
        io::Error::new(io::ErrorKind::NotFound, sentence)
    })
}

/// Starts the program, says how that went, and kills it when the other end of `stopped` goes.
///
/// This is a thread of its own because the kernel kills the program when the thread that started it ends.
fn supervise(
    mut command: Command,
    log: &Path,
    ports: &[u16],
    ready: &mpsc::Sender<io::Result<()>>,
    stopped: &mpsc::Receiver<()>,
) {
    let name = command.get_program().display().to_string();
    let mut child = match spawn(&mut command, log) {
        Ok(child) => child,
        Err(error) => {
            let sentence = format!("{name} does not start: {error}");
            let _ = ready.send(Err(io::Error::new(error.kind(), sentence)));
            return;
        }
    };
    let outcome = wait_ready(&mut child, &name, log, ports);
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

fn spawn(command: &mut Command, log: &Path) -> io::Result<Child> {
    let log = File::create(log)?;
    let parent = std::process::id();
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let prepare = move || {
        // SAFETY: PR_SET_PDEATHSIG takes a signal number and touches no memory of ours.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: both take a limit that is there, and touch nothing else.
        unsafe {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
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
    unsafe { command.pre_exec(prepare) };
    command.spawn()
}

fn wait_ready(child: &mut Child, name: &str, log: &Path, ports: &[u16]) -> io::Result<()> {
    let end = Instant::now() + READY_LIMIT;
    let log = || fs::read_to_string(log).unwrap_or_default();
    loop {
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("{name} ended at once with {status}: {}", log())));
        }
        if ports.iter().all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok()) {
            return Ok(());
        }
        if Instant::now() > end {
            let sentence = format!("{name} did not listen within {READY_LIMIT:?}: {}", log());
            return Err(io::Error::new(io::ErrorKind::TimedOut, sentence));
        }
        thread::sleep(Duration::from_millis(5));
    }
}
