//! tests/generators: the header, preprocessed and otherwise unchanged, read by other languages' generators.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Bench;
use super::tools::Tools;
use crate::process;

const FOLDER: &str = "tests/generators";

/// What each program prints: the body, and that its user data were dropped.
const EXPECTED: &str = "hello, world\ndropped\n";

struct Generators<'a> {
    bench: &'a Bench<'a>,
    tools: Tools,
    sources: PathBuf,
    /// Where everything goes that is generated.
    folder: PathBuf,
    url: String,
}

pub fn test(bench: &Bench) -> Result<()> {
    let generators = Generators {
        bench,
        tools: Tools::install(bench.workspace)?,
        sources: bench.workspace.root.join(FOLDER),
        folder: bench.folder.join("generators"),
        url: format!("{}/hello", bench.server.address("HTTP")?),
    };
    fs::create_dir_all(&generators.folder)?;
    generators.preprocess()?;
    generators.expect("cffi", generators.script(generators.tools.python(), "cffi/transfer.py"))?;
    generators.expect("LuaJIT", generators.script(Command::new("luajit"), "luajit/transfer.lua"))?;
    generators.expect("cgo", generators.cgo()?)?;
    generators.expect("translate-c", generators.zig()?)?;
    generators.expect("bindgen", generators.bindgen())?;
    generators.swig()
}

impl Generators<'_> {
    fn preprocessed(&self) -> PathBuf {
        self.folder.join("preprocessed.h")
    }

    /// Empty headers stand for the system's: what stays is curlback's own.
    fn preprocess(&self) -> Result<()> {
        let system = self.folder.join("system");
        fs::create_dir_all(&system)?;
        for name in ["stdbool.h", "stddef.h", "stdint.h", "stdio.h"] {
            fs::write(system.join(name), "")?;
        }
        let mut cc = Command::new("cc");
        cc.args(["-E", "-P", "-nostdinc", "-isystem"]).arg(system);
        cc.arg(self.bench.prefix.include().join("curlback.h")).arg("-o").arg(self.preprocessed());
        process::run(&mut cc)
    }

    /// The flags by which a C compiler finds both headers.
    fn include(&self) -> [String; 2] {
        [format!("-I{}", self.sources.display()), format!("-I{}", self.folder.display())]
    }

    fn rpath(&self) -> String {
        format!("-Wl,--disable-new-dtags,-rpath,{}", self.bench.prefix.lib().display())
    }

    fn script(&self, mut command: Command, script: &str) -> Command {
        command
            .arg(self.sources.join(script))
            .arg(self.preprocessed())
            .arg(self.bench.prefix.library())
            .arg(&self.url);
        command
    }

    fn cgo(&self) -> Result<Command> {
        let program = self.folder.join("cgo");
        let flags =
            [format!("-L{}", self.bench.prefix.lib().display()), "-lcurlback".to_owned(), self.rpath()];
        let mut go = self.tools.program("go");
        go.current_dir(self.sources.join("cgo"))
            .args(["build", "-o"])
            .arg(&program)
            .env("CGO_ENABLED", "1")
            .env("CGO_CFLAGS", self.include().join(" "))
            .env("CGO_LDFLAGS", flags.join(" "))
            .env("CGO_LDFLAGS_ALLOW", ".*")
            .env("GOCACHE", self.bench.folder.join("go-cache"))
            .env("GOTOOLCHAIN", "local");
        process::run(&mut go)?;
        Ok(self.program(program))
    }

    fn zig(&self) -> Result<Command> {
        let (translated, program) = (self.folder.join("c.zig"), self.folder.join("zig"));
        let mut translate = self.tools.zig();
        translate.args(["translate-c", "-lc"]).args(self.include()).arg(self.sources.join("system.h"));
        fs::write(&translated, process::output(&mut translate)?)?;
        let lib = self.bench.prefix.lib();
        let mut build = self.tools.zig();
        build
            .args(["build-exe", "--dep", "c"])
            .arg(format!("-Mroot={}", self.sources.join("zig/transfer.zig").display()))
            .args(["-lc", &format!("-Mc={}", translated.display()), "-lcurlback", "-L"])
            .arg(&lib)
            .arg("-rpath")
            .arg(&lib)
            .arg("--cache-dir")
            .arg(self.bench.folder.join("zig-cache"))
            .arg(format!("-femit-bin={}", program.display()));
        process::run(&mut build)?;
        Ok(self.program(program))
    }

    fn bindgen(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(self.sources.join("bindgen"))
            .args(["run", "--quiet", "--locked", "--"])
            .arg(&self.url)
            .env("CARGO_TARGET_DIR", self.folder.join("bindgen"))
            .env("GENERATORS_SYSTEM_H", self.sources.join("system.h"))
            .env("GENERATORS_PREPROCESSED", self.preprocessed())
            .env("GENERATORS_LIBRARY", self.bench.prefix.lib());
        cargo
    }

    /// SWIG has no callbacks: its module is compiled, imported and asked for the version.
    fn swig(&self) -> Result<()> {
        let folder = self.folder.join("swig");
        fs::create_dir_all(&folder)?;
        let wrapper = folder.join("curlback_wrap.c");
        let mut swig = self.tools.program("swig");
        // 451: assigning to a field that is a const char *, which nobody does.
        swig.args(["-python", "-w451", "-outdir"]).arg(&folder).args(self.include());
        process::run(swig.arg("-o").arg(&wrapper).arg(self.sources.join("swig/curlback.i")))?;
        let mut paths = self.tools.python();
        paths.args(["-c", "import sysconfig; print(sysconfig.get_path('include'))"]);
        let python_include = process::output(&mut paths)?;
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-I", python_include.trim_end()]).args(self.include()).arg(wrapper);
        cc.arg("-L").arg(self.bench.prefix.lib()).args(["-lcurlback", &self.rpath(), "-o"]);
        process::run(cc.arg(folder.join("_curlback.so")))?;
        let mut python = self.tools.python();
        let program = "import curlback as c\n\
            easy = c.curlback_easy_new()\n\
            assert c.curlback_easy_set_str(easy, c.CURLBACK_OPT_URL, 'http://localhost/') == c.CURLBACK_OK\n\
            print(c.curlback_result_name(c.curlback_easy_set_int(easy, c.CURLBACK_OPT_URL, 1)))\n\
            assert c.curlback_easy_close(easy) == c.CURLBACK_OK";
        let said = process::output(python.current_dir(&folder).args(["-c", program]))?;
        if said != "CURLBACK_E_TYPE\n" {
            bail!("SWIG's module said {said:?}");
        }
        println!("ok SWIG");
        Ok(())
    }

    fn program(&self, path: PathBuf) -> Command {
        let mut command = Command::new(path);
        command.arg(&self.url);
        command
    }

    fn expect(&self, name: &str, mut command: Command) -> Result<()> {
        command.env_remove("LD_LIBRARY_PATH");
        let said = process::output(&mut command).with_context(|| name.to_owned())?;
        if said != EXPECTED {
            bail!("{name} printed {said:?}, not {EXPECTED:?}");
        }
        println!("ok {name}");
        Ok(())
    }
}
