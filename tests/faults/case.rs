//! One case: a transfer against a server that misbehaves, and what must come of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ffi::{c_char, c_void};
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use curlback::callback::request::{curlback_easy_on_prereq, curlback_easy_on_resolver_start};
use curlback::easy::options::curlback_easy_unset;
use curlback::libcurl::tables::{info, opt};
use curlback::libcurl::version;
use curlback::result::code::E_NO_MEMORY;
use curlback_test_servers::{Nginx, RawServer, pattern, wait_until};

use crate::counted::{Held, blocks_of_rust, count_libcurls_memory, held};
use crate::ftp::{FtpFault, serve_ftp};
use crate::script::{Step, serve};
use crate::support::*;

/// The limit of transfers that would not end by themselves: enough for what comes before the stall.
pub const SHORT: Duration = Duration::from_secs(1);

const EIGHT: u32 = version::version(8, 0, 0);

#[derive(Clone, Copy)]
pub enum Server {
    /// A script for each connection.
    Scripts(&'static [&'static [Step]]),
    Ftp(FtpFault),
}

/// What the write callback must have been given.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    Exactly(&'static [u8]),
    /// The beginning of the servers' pattern, at least one byte and not more than so many.
    Pattern(usize),
    /// The same byte, once at least and not more than so many times.
    UpTo(u8, usize),
}

/// What libcurl makes of it: its code, a part of its sentence, the callbacks in their order.
///
/// `order` has a letter for each callback, repetitions left out: Resolver_start, Open_socket, Sockopt, Prereq, Header, Write, reaD, seeK,
/// Close_socket. xferinfo comes between them.
#[derive(Clone, Copy)]
pub struct End {
    pub code: i32,
    /// The same, or another that it can be as well, by what libcurl was about to do.
    pub or: i32,
    pub says: &'static str,
    pub order: &'static str,
}

#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub server: Server,
    /// With `PORT` for the server's.
    pub url: &'static str,
    pub prepare: fn(&Easy, u16),
    /// Whether it takes its time: a stall, or what another limit ends.
    pub slow: bool,
    /// Whether a good transfer comes first, whose connection this one finds.
    pub reuses: bool,
    pub end: End,
    /// What libcurl 7.88 makes of it, where that is something else.
    pub before: Option<End>,
    /// Whether it takes libcurl 8.0: 7.88 does not end by itself, or has other bytes or connections.
    pub newer: bool,
    pub body: Body,
    /// How many connections the server saw.
    pub connections: usize,
    /// A protocol or feature that the libcurl may lack.
    pub needs: &'static str,
}

/// Reset by the server.
pub const fn reset(order: &'static str) -> End {
    end(56, "connection reset by peer", order)
}

/// The same where the client may have been about to send: SEND_ERROR.
pub const fn reset_or_send(order: &'static str) -> End {
    End { or: 55, ..reset(order) }
}

/// Ended by the server before all was there.
pub const fn partial(order: &'static str) -> End {
    end(18, "", order)
}

/// Ended by the server before anything was there.
pub const fn empty(order: &'static str) -> End {
    end(52, "empty reply", order)
}

pub const fn timeout(order: &'static str) -> End {
    end(28, "timed out", order)
}

pub const fn good(order: &'static str) -> End {
    end(0, "", order)
}

pub const fn end(code: i32, says: &'static str, order: &'static str) -> End {
    End { code, or: code, says, order }
}

impl Case {
    /// What libcurl 7.88 makes of it.
    pub fn before(self, end: End) -> Self {
        Case { before: Some(end), ..self }
    }
}

pub fn nothing(_: &Easy, _: u16) {}

/// What most cases are: HTTP, one connection, no body.
pub const fn case(name: &'static str, scripts: &'static [&'static [Step]], end: End) -> Case {
    Case {
        name,
        server: Server::Scripts(scripts),
        url: "http://127.0.0.1:PORT/",
        prepare: nothing,
        slow: false,
        reuses: false,
        end,
        before: None,
        newer: false,
        body: Body::Exactly(b""),
        connections: 1,
        needs: "",
    }
}

#[derive(Default)]
struct Record {
    order: RefCell<String>,
    body: RefCell<Vec<u8>>,
    /// How often xferinfo was called.
    reports: Cell<usize>,
    open: RefCell<Vec<isize>>,
}

impl Record {
    fn forget(&self) {
        self.order.borrow_mut().clear();
        self.body.borrow_mut().clear();
        self.reports.set(0);
    }

    fn note(&self, letter: char) {
        let mut order = self.order.borrow_mut();
        if !order.ends_with(letter) {
            order.push(letter);
        }
    }
}

fn on_prereq<F: Fn() + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn()>(
        _: Raw,
        _: *const c_char,
        _: *const c_char,
        _: i32,
        _: i32,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())() };
        0
    }
    // SAFETY: `call` gets the F that register() boxes.
    ok(register(body, |data, drop| unsafe { curlback_easy_on_prereq(easy, Some(call::<F>), data, drop) }));
}

fn on_resolver_start<F: Fn() + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn()>(_: Raw, closure: *mut c_void) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())() };
        0
    }
    // SAFETY: `call` gets the F that register() boxes.
    ok(register(body, |data, drop| unsafe {
        curlback_easy_on_resolver_start(easy, Some(call::<F>), data, drop)
    }));
}

/// Registers every callback that a transfer of these has.
fn watch(easy: &Easy) -> Rc<Record> {
    let record = Rc::new(Record::default());
    let mine = || Rc::clone(&record);
    let noting = |letter| {
        let record = mine();
        move || record.note(letter)
    };
    on_resolver_start(easy.raw(), noting('R'));
    on_prereq(easy.raw(), noting('P'));
    let (opens, closes, sets, heads) = (mine(), mine(), mine(), mine());
    ok(on_open_socket(easy.raw(), move |_, _, address| {
        opens.note('O');
        // SAFETY: three numbers.
        let socket = unsafe { libc::socket(address.family, address.socktype, address.protocol) } as isize;
        if socket >= 0 {
            opens.open.borrow_mut().push(socket);
        }
        socket
    }));
    ok(on_close_socket(easy.raw(), move |_, socket| {
        closes.note('C');
        let mut open = closes.open.borrow_mut();
        let position = open.iter().position(|opened| *opened == socket);
        open.remove(position.expect("only what was opened is closed, and once"));
        close_socket(socket)
    }));
    ok(on_sockopt(easy.raw(), move |_, _, _| {
        sets.note('S');
        0
    }));
    easy.on_header(move |_, line| {
        heads.note('H');
        line.len() as i64
    });
    let (writes, reads, seeks, counts) = (mine(), mine(), mine(), mine());
    easy.on_write(move |_, data| {
        writes.note('W');
        writes.body.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    easy.on_read(move |_, buffer| {
        reads.note('D');
        buffer.fill(b'u');
        buffer.len() as i64
    });
    easy.on_seek(move |_, _, _| {
        seeks.note('K');
        0
    });
    easy.on_xferinfo(move |_, _| {
        counts.reports.set(counts.reports.get() + 1);
        0
    });
    record
}

/// Cases come one after the other: they count what the process has.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    static READY: OnceLock<()> = OnceLock::new();
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    READY.get_or_init(|| {
        count_libcurls_memory();
        Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
        // What libcurl, its libraries and the process make once.
        for url in ["https://127.0.0.1:1/", "http://host.invalid/", "ftp://127.0.0.1:1/", "ws://127.0.0.1:1/"]
        {
            Easy::to(url).perform();
        }
        drop((0..100).map(|_| Easy::new()).collect::<Vec<_>>());
        let easy = Easy::new();
        watch(&easy);
        trust(&easy);
        for url in ["/hello.txt", "/1MiB.bin"].map(|path| Nginx::shared().unwrap().https_url(path)) {
            easy.set_url(&url);
            ok(easy.perform());
        }
    });
    guard
}

/// The authority of the test servers.
pub fn trust(easy: &Easy) {
    let ca = Nginx::shared().expect("alone() started it").ca_path();
    easy.set_str(opt::CAINFO, ca.to_str().unwrap());
}

/// The same handle has a good transfer, whatever it was set to for the case.
fn good_transfer(easy: &Easy, record: &Record, server: &RawServer) {
    easy.set_int(opt::HTTPGET, 1);
    easy.set_int(opt::TIMEOUT_MS, LIMIT.as_millis() as i64);
    for option in [opt::CONNECTTIMEOUT_MS, opt::HTTP_VERSION, opt::LOCALPORT] {
        easy.set_int(option, 0);
    }
    for option in [opt::PROXY, opt::INTERFACE, opt::UNIX_SOCKET_PATH, opt::RESOLVE, opt::DOH_URL] {
        ok(curlback_easy_unset(easy.raw(), option));
    }
    easy.set_url(&server.url("/good"));
    record.forget();
    ok(easy.perform());
    assert_eq!(*record.body.borrow(), pattern(0, 5000), "the good transfer's body");
    assert_eq!(easy.int(info::RESPONSE_CODE), 200);
    assert_eq!(easy.error().result, 0);
}

fn good_server() -> RawServer {
    let body = pattern(0, 5000);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    RawServer::answering([head.as_bytes(), &body].concat())
}

fn lacking(case: &Case) -> bool {
    let needs = case.needs;
    if case.newer && version::number() < EIGHT {
        return true;
    }
    use curlback::library::{curlback_has_feature, curlback_has_protocol};
    if needs.is_empty() || needs == "ws" && curlback::ws::built_in() {
        return false;
    }
    let name = std::ffi::CString::new(needs).unwrap();
    // SAFETY: it ends with NUL.
    needs == "ws" || unsafe { !curlback_has_protocol(name.as_ptr()) && !curlback_has_feature(name.as_ptr()) }
}

impl Case {
    /// How many of Rust's blocks this thread has more than before.
    fn attempt(&self) -> isize {
        let server = match self.server {
            Server::Scripts(scripts) => serve(scripts),
            Server::Ftp(fault) => serve_ftp(fault),
        };
        let good = good_server();
        // What a thread keeps: its last error, for one.
        assert_eq!(Easy::to("nosuch://host/").perform(), 1);
        let before = blocks_of_rust();
        self.transfer(&server, &good);
        blocks_of_rust() - before
    }

    fn transfer(&self, server: &RawServer, good: &RawServer) {
        let name = self.name;
        let easy = Easy::to(&self.url.replace("PORT", &server.port().to_string()));
        let limit = if self.slow { stretched(SHORT) } else { LIMIT };
        easy.set_int(opt::TIMEOUT_MS, limit.as_millis() as i64);
        let record = watch(&easy);
        if self.reuses {
            ok(easy.perform());
            record.forget();
        }
        (self.prepare)(&easy, server.port());
        let code = easy.perform();
        let said = last_error();
        let order = record.order.borrow().clone();
        let body = record.body.borrow().clone();
        let text = String::from_utf8_lossy(&body[..body.len().min(50)]).into_owned();
        // One between the two that this is known of may be as either.
        let end = match self.before {
            Some(before) if version::number() < EIGHT => before,
            Some(before) if version::number() < version::version(8, 22, 0) && order == before.order => before,
            _ => self.end,
        };
        let expected = if code == end.or { end.or } else { end.code };
        assert_eq!((code, order.as_str()), (expected, end.order), "{name}: {said:?}, {text:?}");
        let error = easy.error();
        // OUT_OF_MEMORY has a name of this library's.
        let of_libcurl = if code == E_NO_MEMORY { 27 } else { code };
        assert_eq!((error.result, error.curl_code, error.callback), (code, of_libcurl, 0), "{name}");
        if code != 0 {
            assert!(said.to_lowercase().contains(end.says), "{name}: {said:?}");
        }
        match self.body {
            Body::Exactly(bytes) => assert!(body == bytes, "{name}: {text:?}"),
            Body::Pattern(most) => {
                assert!((1..=most).contains(&body.len()), "{name}: {} bytes", body.len());
                assert!(body == pattern(0, body.len()), "{name}");
            }
            Body::UpTo(byte, most) => {
                assert!((1..=most).contains(&body.len()), "{name}: {} bytes", body.len());
                assert!(body.iter().all(|one| *one == byte), "{name}");
            }
        }
        assert!(record.reports.get() > 0 || !order.contains('P'), "{name}: xferinfo was not called");
        let all = wait_until(LIMIT / 4, || server.connections() == self.connections);
        assert!(all, "{name}: {} connections", server.connections());
        assert_eq!(*record.order.borrow(), order, "{name}: callbacks after the end");
        good_transfer(&easy, &record, good);
        drop(easy);
        // libcurl 7.88 closes a socket that did not get connected in time by itself.
        let asked = version::number() >= EIGHT || order != "ROS";
        assert!(!asked || record.open.borrow().is_empty(), "{name}: sockets that nobody was asked to close");
        assert_eq!(Rc::strong_count(&record), 1, "{name}: callbacks whose user data were not dropped");
    }
}

/// Runs the case; `alone` is held.
pub fn run_alone(case: &Case) {
    let before = held();
    assert_eq!(case.attempt(), 0, "{}: blocks of Rust's", case.name);
    all_is_back(before, case.name);
}

/// Those that the libcurl can run; says which are left out.
fn possible<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Vec<&'a Case> {
    let (possible, left_out): (Vec<&Case>, Vec<&Case>) = cases.into_iter().partition(|case| !lacking(case));
    let needs = |case: &&Case| if case.newer { "libcurl 8.0" } else { case.needs };
    let needs: BTreeSet<_> = left_out.iter().map(needs).collect();
    for needs in needs {
        skipped("a network that misbehaves", needs);
    }
    possible
}

/// Runs each, and says which of them failed.
pub fn one_by_one<'a>(cases: impl IntoIterator<Item = &'a Case>) {
    let _alone = alone();
    let failed = |case: &&Case| std::panic::catch_unwind(|| run_alone(case)).is_err();
    let failed: Vec<_> = possible(cases).into_iter().filter(failed).map(|case| case.name).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// Runs each in a thread of its own, and says which of them failed.
pub fn at_once<'a>(cases: impl IntoIterator<Item = &'a Case>) {
    let _alone = alone();
    let before = held();
    let attempt = |case: &Case| std::panic::catch_unwind(|| case.attempt()).ok();
    let ended: Vec<(&str, Option<isize>)> = thread::scope(|scope| {
        let start = |case| {
            let thread: thread::ScopedJoinHandle<_> = scope.spawn(move || attempt(case));
            (case.name, thread)
        };
        let threads: Vec<_> = possible(cases).into_iter().map(start).collect();
        threads.into_iter().map(|(name, thread)| (name, thread.join().unwrap())).collect()
    });
    let failed: Vec<_> = ended.iter().filter(|(_, blocks)| blocks.is_none()).map(|(name, _)| name).collect();
    assert!(failed.is_empty(), "{failed:?}");
    // One thread may give back what another took, and locks that threads wait for take a block or two for good.
    let blocks: isize = ended.iter().filter_map(|(_, blocks)| *blocks).sum();
    assert!(blocks.unsigned_abs() < ended.len() / 2, "{blocks} blocks of Rust's");
    all_is_back(before, "those at once");
}

/// Everything is as it was before. The servers' threads, and those in which libcurl resolves, may take a moment to end.
fn all_is_back(before: Held, name: &str) {
    let back = wait_until(LIMIT / 4, || held() == before);
    assert!(back, "{name}: before {before:?}, now {:?}", held());
}
