//! ssh_key and ssh_host_key, against OpenSSH's server.

use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_int, c_void};
use std::fs;
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::rc::Rc;

use curlback::callback::ssh::*;
use curlback::callback::{Kind, curlback_callback, curlback_has_callback};
use curlback::easy::curlback_easy_duplicate;
use curlback::easy::error::{curlback_easy_raise, curlback_raise};
use curlback::easy::options::curlback_easy_set_str;
use curlback::libcurl::sys::{self, KnownHostKey};
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::{HostKey, Sshd};

use crate::support::{Drops, Easy, LIMIT, Raw, Token, boxed, last_error, ok, skipped, unbox};

const REJECT: i32 = curlback_ssh_verdict::CURLBACK_SSH_REJECT as i32;
const ACCEPT: i32 = curlback_ssh_verdict::CURLBACK_SSH_ACCEPT as i32;
const ADD_TO_FILE: i32 = curlback_ssh_verdict::CURLBACK_SSH_ADD_TO_FILE as i32;
const REPLACE: i32 = curlback_ssh_verdict::CURLBACK_SSH_REPLACE as i32;
const DEFER: i32 = curlback_ssh_verdict::CURLBACK_SSH_DEFER as i32;
/// What is no verdict at all, libcurl's own numbers for its verdicts included.
const NONSENSE: [i32; 6] = [-1, 5, 6, 255, i32::MIN, i32::MAX];

const MATCH: i32 = curlback_ssh_match::CURLBACK_SSH_MATCH as i32;
const MISMATCH: i32 = curlback_ssh_match::CURLBACK_SSH_MISMATCH as i32;
const MISSING: i32 = curlback_ssh_match::CURLBACK_SSH_MISSING as i32;

const SSH_KEY: i32 = curlback_callback::CURLBACK_CALLBACK_SSH_KEY as i32;
const SSH_HOST_KEY: i32 = curlback_callback::CURLBACK_CALLBACK_SSH_HOST_KEY as i32;

const PEER_FAILED_VERIFICATION: i32 = 60;
const CONTENT: &[u8] = b"hello, ssh\n";

/// A copy of a curlback_ssh_key.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Key {
    bytes: Vec<u8>,
    sort: i32,
    base64: bool,
}

impl Key {
    fn copy(key: *const curlback_ssh_key) -> Option<Self> {
        // SAFETY: NULL, or the library's for as long as the callback runs.
        let key = unsafe { key.as_ref() }?;
        // SAFETY: as above: it has that many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(key.key, key.len) }.to_vec();
        Some(Key { bytes, sort: key.r#type, base64: key.base64 })
    }

    /// The key as a callback should be shown it, from `ssh-rsa AAAA`.
    fn expected(line: &str, base64: bool) -> Self {
        let (algorithm, text) = line.split_once(' ').unwrap();
        let sort = match algorithm {
            "ssh-rsa" => curlback_ssh_key_type::CURLBACK_SSH_KEY_RSA,
            "ssh-ed25519" => curlback_ssh_key_type::CURLBACK_SSH_KEY_ED25519,
            other => panic!("{other}"),
        };
        let bytes = if base64 { text.as_bytes().to_vec() } else { decode(text) };
        Key { bytes, sort: sort as i32, base64 }
    }
}

fn decode(base64: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = base64.trim_end_matches('=').chars().map(|digit| DIGITS.find(digit).unwrap() as u32);
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0, 0);
    for digit in digits {
        (bits, count) = ((bits << 6 | digit) & 0xffff, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// What an ssh_key callback was called with.
type Call = (Raw, Option<Key>, Option<Key>, i32);

fn on_ssh_key<F: Fn(Call) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Call) -> i32>(
        easy: Raw,
        known: *const curlback_ssh_key,
        found: *const curlback_ssh_key,
        matches: i32,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())((easy, Key::copy(known), Key::copy(found), matches)) }
    }
    let data = boxed(body);
    // SAFETY: `call` gets the F.
    let result = unsafe { curlback_easy_on_ssh_key(easy, Some(call::<F>), data.0, data.1) };
    if result != 0 {
        unbox::<F>(data);
    }
    result
}

fn on_ssh_host_key<F: Fn(Raw, Option<Key>) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, Option<Key>) -> i32>(
        easy: Raw,
        found: *const curlback_ssh_key,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, Key::copy(found)) }
    }
    let data = boxed(body);
    // SAFETY: `call` gets the F.
    let result = unsafe { curlback_easy_on_ssh_host_key(easy, Some(call::<F>), data.0, data.1) };
    if result != 0 {
        unbox::<F>(data);
    }
    result
}

/// The server with this host key, where there is one and libcurl can talk to it.
fn server(host_key: HostKey) -> Option<&'static Sshd> {
    if !curlback_has_callback(SSH_KEY) {
        skipped("sftp and scp", "a libcurl built with SSH");
        return None;
    }
    match Sshd::shared(host_key) {
        Ok(sshd) => Some(sshd),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            skipped("sftp and scp", &format!("OpenSSH's server ({error})"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// A transfer of hello.txt and the known-hosts file it uses.
struct Session {
    easy: Easy,
    body: Rc<RefCell<Vec<u8>>>,
    file: PathBuf,
    _directory: tempfile::TempDir,
}

impl Session {
    fn new(sshd: &Sshd, scheme: &str, known_hosts: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        fs::write(&file, known_hosts).unwrap();
        let easy = Easy::to(&sshd.url(scheme, "hello.txt"));
        easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
        easy.set_str(opt::SSH_PRIVATE_KEYFILE, sshd.user_key().to_str().unwrap());
        easy.set_str(opt::SSH_KNOWNHOSTS, file.to_str().unwrap());
        // Each perform of a handle is to see the key again.
        easy.set_int(opt::FORBID_REUSE, 1);
        let body = Rc::new(RefCell::new(Vec::new()));
        let sink = Rc::clone(&body);
        easy.on_write(move |_, data| {
            sink.borrow_mut().extend_from_slice(data);
            data.len() as i64
        });
        Session { easy, body, file, _directory: directory }
    }

    /// Performs with an ssh_key callback of this verdict; the calls of it, and perform's result.
    fn ask(&self, verdict: i32) -> (Vec<Call>, i32) {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&calls);
        ok(on_ssh_key(self.easy.raw(), move |call| {
            seen.borrow_mut().push(call);
            verdict
        }));
        self.body.borrow_mut().clear();
        let result = self.easy.perform();
        (calls.take(), result)
    }

    /// Asserts that the transfer with this verdict goes as it should, after one call.
    fn expect(&self, verdict: i32, (known, found, matches): (Option<Key>, Key, i32), accepted: bool) {
        let (calls, result) = self.ask(verdict);
        assert_eq!(calls, [(self.easy.raw(), known, Some(found), matches)], "verdict {verdict}");
        let (expected, content, callback) =
            if accepted { (0, CONTENT, 0) } else { (PEER_FAILED_VERIFICATION, &b""[..], SSH_KEY) };
        assert_eq!(result, expected, "verdict {verdict}: {}", last_error());
        assert_eq!(*self.body.borrow(), content, "verdict {verdict}");
        let error = self.easy.error();
        assert_eq!((error.curl_code, error.callback), (expected, callback), "verdict {verdict}");
    }

    /// What the known-hosts file holds, as sort and text of each key, in order. libcurl 7.88 leaves the port out of what it writes.
    fn keys(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.file).unwrap();
        let key = |line: &str| {
            let (host, key) = line.trim().split_once(' ').unwrap();
            assert!(host == "127.0.0.1" || host.starts_with("[127.0.0.1]:"), "{host}");
            key.to_owned()
        };
        let mut keys: Vec<String> = text.lines().map(key).collect();
        keys.sort();
        keys
    }
}

/// Runs the test with either key and either scheme.
fn each(test: impl Fn(&Sshd, &str)) {
    for host_key in [HostKey::Ed25519, HostKey::Rsa] {
        let Some(sshd) = server(host_key) else { return };
        for scheme in ["sftp", "scp"] {
            println!("{scheme} with {host_key:?}");
            test(sshd, scheme);
        }
    }
}

fn rejecting() -> impl Iterator<Item = i32> {
    [REJECT, DEFER].into_iter().chain(NONSENSE)
}

#[test]
fn an_unknown_key_is_accepted_by_an_accepting_verdict_alone() {
    each(|sshd, scheme| {
        let shown = || (None, Key::expected(sshd.key(), false), MISSING);
        for verdict in rejecting() {
            let session = Session::new(sshd, scheme, "");
            session.expect(verdict, shown(), false);
            assert_eq!(session.keys(), [""; 0]);
        }
        let session = Session::new(sshd, scheme, "");
        session.expect(ACCEPT, shown(), true);
        assert_eq!(session.keys(), [""; 0]);
        for verdict in [ADD_TO_FILE, REPLACE] {
            let session = Session::new(sshd, scheme, "");
            session.expect(verdict, shown(), true);
            assert_eq!(session.keys(), [sshd.key()]);
            // From now on it is known.
            // SAFETY: there is no callback.
            ok(unsafe { curlback_easy_on_ssh_key(session.easy.raw(), None, null_mut(), None) });
            assert_eq!(session.easy.perform(), 0, "{}", last_error());
        }
    });
}

#[test]
fn a_known_key_is_shown_with_the_files_text_and_the_file_stays() {
    each(|sshd, scheme| {
        let line = sshd.known_hosts_line(sshd.key());
        let session = Session::new(sshd, scheme, &line);
        let shown = || (Some(Key::expected(sshd.key(), true)), Key::expected(sshd.key(), false), MATCH);
        for (verdict, accepted) in
            [(ACCEPT, true), (ADD_TO_FILE, true), (REJECT, false), (DEFER, false), (NONSENSE[0], false)]
        {
            session.expect(verdict, shown(), accepted);
            assert_eq!(session.keys(), [sshd.key()]);
        }
    });
}

#[test]
fn a_changed_key_is_shown_beside_the_known_one() {
    each(|sshd, scheme| {
        let old = sshd.known_hosts_line(sshd.other_key());
        let shown =
            || (Some(Key::expected(sshd.other_key(), true)), Key::expected(sshd.key(), false), MISMATCH);
        let after = |verdict, accepted| {
            let session = Session::new(sshd, scheme, &old);
            session.expect(verdict, shown(), accepted);
            session.keys()
        };
        for verdict in rejecting() {
            assert_eq!(after(verdict, false), [sshd.other_key()]);
        }
        assert_eq!(after(ACCEPT, true), [sshd.other_key()]);
        assert_eq!(after(REPLACE, true), [sshd.key()]);
        let mut both = [sshd.other_key(), sshd.key()];
        both.sort();
        assert_eq!(after(ADD_TO_FILE, true), both);
    });
}

#[test]
fn without_a_callback_only_a_key_of_the_file_is_accepted() {
    each(|sshd, scheme| {
        let unset = |session: &Session| {
            ok(on_ssh_key(session.easy.raw(), |_| ACCEPT));
            // SAFETY: there is no callback.
            ok(unsafe { curlback_easy_on_ssh_key(session.easy.raw(), None, null_mut(), None) });
            session.easy.perform()
        };
        let known = sshd.known_hosts_line(sshd.key());
        assert_eq!(unset(&Session::new(sshd, scheme, &known)), 0, "{}", last_error());
        let changed = sshd.known_hosts_line(sshd.other_key());
        for file in ["", &changed] {
            assert_eq!(unset(&Session::new(sshd, scheme, file)), PEER_FAILED_VERIFICATION);
        }
    });
}

#[test]
fn without_the_files_name_nobody_is_asked() {
    let Some(sshd) = server(HostKey::Ed25519) else { return };
    let session = Session::new(sshd, "sftp", "");
    // SAFETY: NULL unsets.
    ok(unsafe { curlback_easy_set_str(session.easy.raw(), opt::SSH_KNOWNHOSTS, null()) });
    let (calls, result) = session.ask(REJECT);
    assert_eq!((calls, result), (vec![], 0), "{}", last_error());
}

#[test]
fn a_callback_that_raises_or_panics_accepts_nothing() {
    let Some(sshd) = server(HostKey::Ed25519) else { return };
    let session = Session::new(sshd, "sftp", "");
    let raise = |severity: curlback_raise, easy| {
        let message = CString::new("not this one").unwrap();
        // SAFETY: the message ends with NUL.
        ok(unsafe { curlback_easy_raise(easy, severity as i32, 5, message.as_ptr(), null_mut(), None) });
    };
    ok(on_ssh_key(session.easy.raw(), move |call| {
        raise(curlback_raise::CURLBACK_RAISE_INTERRUPT, call.0);
        ADD_TO_FILE
    }));
    assert_eq!(session.easy.perform(), code::E_RAISED);
    assert_eq!((session.easy.error().callback, session.easy.error().code), (SSH_KEY, 5));

    ok(on_ssh_key(session.easy.raw(), move |call| {
        raise(curlback_raise::CURLBACK_RAISE_ERROR, call.0);
        REJECT
    }));
    assert_eq!(session.easy.perform(), PEER_FAILED_VERIFICATION);
    assert!(last_error().starts_with("not this one: "), "{}", last_error());

    ok(on_ssh_key(session.easy.raw(), |_| panic!("a panic that is meant")));
    assert_eq!(session.easy.perform(), code::E_INTERNAL);
    assert_eq!(session.easy.error().callback, SSH_KEY);

    assert_eq!(*session.body.borrow(), b"");
    assert_eq!(session.keys(), [""; 0]);
}

/// libcurl hands on a fourth number where it could not compare the keys.
#[test]
fn a_comparison_that_failed_is_a_rejection_that_nobody_is_asked_for() {
    type Trampoline = unsafe extern "C" fn(
        *mut c_void,
        *const KnownHostKey,
        *const KnownHostKey,
        c_int,
        *mut c_void,
    ) -> c_int;
    // SAFETY: libcurl calls it as this.
    let trampoline = unsafe { std::mem::transmute::<*const c_void, Trampoline>(SshKey::trampoline()) };
    // SAFETY: none of the pointers is looked at.
    let answer = unsafe { trampoline(null_mut(), null(), null(), MISSING + 1, null_mut()) };
    assert_eq!(answer, sys::CURLKHSTAT_REJECT);
}

/// Whether libcurl has ssh_host_key; says so where it does not.
fn has_host_key() -> bool {
    let has = curlback_has_callback(SSH_HOST_KEY);
    if !has {
        skipped("ssh_host_key", "a libcurl built with libssh2");
    }
    has
}

#[test]
fn a_host_key_callback_accepts_by_accept_alone_and_goes_before_the_other() {
    if !has_host_key() {
        return;
    }
    each(|sshd, scheme| {
        // The file would have every key rejected, the other callback accepted.
        let changed = sshd.known_hosts_line(sshd.other_key());
        let session = Session::new(sshd, scheme, &changed);
        ok(on_ssh_key(session.easy.raw(), |_| unreachable!("the other callback decides")));
        for (verdict, accepted) in [ADD_TO_FILE, REPLACE]
            .into_iter()
            .chain(rejecting())
            .map(|verdict| (verdict, false))
            .chain([(ACCEPT, true)])
        {
            let calls = Rc::new(RefCell::new(Vec::new()));
            let seen = Rc::clone(&calls);
            ok(on_ssh_host_key(session.easy.raw(), move |easy, found| {
                seen.borrow_mut().push((easy, found));
                verdict
            }));
            session.body.borrow_mut().clear();
            let (expected, content, callback) =
                if accepted { (0, CONTENT, 0) } else { (PEER_FAILED_VERIFICATION, &b""[..], SSH_HOST_KEY) };
            assert_eq!(session.easy.perform(), expected, "verdict {verdict}: {}", last_error());
            assert_eq!(*session.body.borrow(), content);
            assert_eq!(session.easy.error().callback, callback);
            let found = Key::expected(sshd.key(), false);
            assert_eq!(calls.take(), [(session.easy.raw(), Some(found))]);
        }
        assert_eq!(session.keys(), [sshd.other_key()]);
        // Without it the other one is asked again.
        // SAFETY: there is no callback.
        ok(unsafe { curlback_easy_on_ssh_host_key(session.easy.raw(), None, null_mut(), None) });
        let (calls, result) = session.ask(ACCEPT);
        assert_eq!((calls.len(), result), (1, 0), "{}", last_error());
    });
}

#[test]
fn a_duplicate_asks_with_itself_after_the_original_is_gone() {
    let Some(sshd) = server(HostKey::Ed25519) else { return };
    let (drops, with) = (Drops::new(), Rc::new(Cell::new(null_mut())));
    let session = Session::new(sshd, "sftp", "");
    let (token, seen): (Token, _) = (drops.token(), Rc::clone(&with));
    ok(on_ssh_key(session.easy.raw(), move |call| {
        let _held = &token;
        seen.set(call.0);
        ACCEPT
    }));
    let mut copy = null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(session.easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    let Session { easy, body, .. } = session;
    drop(easy);
    assert_eq!(copy.perform(), 0, "{}", last_error());
    assert_eq!((with.get(), &**body.borrow(), drops.count()), (copy.raw(), CONTENT, 0));
    drop(copy);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_libcurl_without_ssh_refuses_and_says_so() {
    let easy = Easy::new();
    let refused = |kind, name: &str, result| {
        let has = curlback_has_callback(kind);
        assert_eq!(result, if has { 0 } else { code::E_UNSUPPORTED }, "{name}");
        let sentence = format!("{name} needs libcurl 7.88.0 or newer, built with it; this is libcurl ");
        assert!(has || last_error().starts_with(&sentence), "{}", last_error());
    };
    refused(SSH_KEY, "ssh_key", on_ssh_key(easy.raw(), |_| ACCEPT));
    refused(SSH_HOST_KEY, "ssh_host_key", on_ssh_host_key(easy.raw(), |_, _| ACCEPT));
}
