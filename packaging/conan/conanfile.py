"""curlback for Conan 2: `conan create packaging/conan --build=missing`, with Rust and pkg-config in PATH.

The option libcurl says which libcurl is linked: system is the one that Conan knows, bundled and full build another one in;
docs/linking.md has what each can do.
"""

import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.env import Environment
from conan.tools.files import copy, load, rmdir
from conan.tools.gnu import PkgConfigDeps

required_conan_version = ">=2.0"

# What is built, and what Cargo's workspace has to have besides.
SOURCES = [
    ".cargo/*",
    "build.rs",
    "Cargo.*",
    "cbindgen.toml",
    "cmake/*",
    "CMakeLists.txt",
    "include/*",
    "LICENSE-*",
    "src/*",
    "tests/servers/*",
    "xtask/*",
]


class Curlback(ConanFile):
    name = "curlback"
    license = "MIT OR Apache-2.0"
    description = "libcurl's callbacks as a typed C interface"
    topics = ("curl", "http", "callbacks", "bindings")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "libcurl": ["system", "bundled", "full"]}
    default_options = {"shared": True, "libcurl": "system", "libcurl/*:shared": True}
    languages = "C"

    def set_version(self):
        manifest = load(self, os.path.join(self._top, "Cargo.toml"))
        self.version = re.search(r'^version = "(.*)"', manifest, re.MULTILINE).group(1)

    def export_sources(self):
        for pattern in SOURCES:
            copy(self, pattern, src=self._top, dst=self.export_sources_folder)

    @property
    def _top(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def requirements(self):
        if self.options.libcurl == "system":
            self.requires("libcurl/[>=7.88 <9]")
        else:
            self.requires("openssl/[>=3 <4]")
            self.requires("zlib/[>=1.2.11 <2]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["CURLBACK_LIBCURL"] = str(self.options.libcurl)
        toolchain.cache_variables["CURLBACK_SHARED"] = bool(self.options.shared)
        toolchain.cache_variables["CURLBACK_STATIC"] = not self.options.shared
        toolchain.generate()
        # Cargo finds by pkg-config what it links, when building too.
        PkgConfigDeps(self).generate()
        environment = Environment()
        environment.prepend_path("PKG_CONFIG_PATH", self.generators_folder)
        environment.vars(self, scope="build").save_script("curlback_pkg_config")

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE-*", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # Conan's generators write their own.
        for folder in ("lib/cmake", "lib/pkgconfig", "share"):
            rmdir(self, os.path.join(self.package_folder, folder))

    def package_info(self):
        kind = "shared" if self.options.shared else "static"
        self.cpp_info.set_property("cmake_file_name", "curlback")
        self.cpp_info.set_property("cmake_target_name", "curlback::curlback")
        self.cpp_info.set_property("cmake_target_aliases", [f"curlback::{kind}"])
        self.cpp_info.set_property("pkg_config_name", "curlback")
        self.cpp_info.libs = ["curlback"]
        if not self.options.shared:
            self.cpp_info.system_libs = ["gcc_s", "util", "rt", "pthread", "m", "dl"]
