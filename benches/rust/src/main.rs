//! The same as transfer_curlback.c on the curl crate: get COUNT URL, or version. See transfer.h.

use std::env;
use std::error::Error;

use curl::easy::{Easy2, Handler, WriteError};

#[derive(Default)]
struct Work {
    callbacks: u64,
    bytes: u64,
}

impl Handler for Work {
    fn write(&mut self, data: &[u8]) -> Result<usize, WriteError> {
        self.callbacks += 1;
        self.bytes += data.len() as u64;
        Ok(data.len())
    }
}

fn get(count: u32, url: &str) -> Result<Easy2<Work>, Box<dyn Error>> {
    let mut easy = Easy2::new(Work::default());
    easy.signal(false)?;
    easy.url(url)?;
    for _ in 0..count {
        easy.perform()?;
    }
    if easy.response_code()? != 200 {
        return Err("not a 200".into());
    }
    Ok(easy)
}

/// The microseconds that the process has taken, user and system.
fn taken() -> (i64, i64) {
    // SAFETY: a rusage is numbers alone, for which zeros will do, and the call fills it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let microseconds = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    (microseconds(usage.ru_utime), microseconds(usage.ru_stime))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    if arguments.get(1).is_some_and(|mode| mode == "version") {
        println!("libcurl/{}", curl::Version::get().version());
        return Ok(());
    }
    let [_, _, count, url] = &arguments[..] else { return Err("usage: get COUNT URL".into()) };
    let (user, system) = taken();
    let easy = get(count.parse()?, url)?;
    let (user_after, system_after) = taken();
    let Work { callbacks, bytes } = easy.get_ref();
    println!(
        "callbacks {callbacks} bytes {bytes} user_us {} sys_us {}",
        user_after - user,
        system_after - system
    );
    Ok(())
}
