#!/usr/bin/env python3
"""The installed compiler: a prefix that has been moved, with the build and source folders out of reach, used by hand, from
C and C++, by the examples of docs/building.md with CMake, make and Meson, and as a Debian package."""

import gzip
import os
import re
import shutil
import subprocess
import time
from array import array
from pathlib import Path

import tools
from png import read_png

LENET = tools.ROOT / "examples" / "lenet"
BLOCK = re.compile(r"^```\w+ file (\S+)\n(.*?)^```", re.M | re.S)
PICTURE, CLASS = "ankle-boot.png", "ankle boot\n"


def documented(name):
    """A file of an example of docs/building.md."""
    blocks = dict(BLOCK.findall((tools.ROOT / "docs" / "building.md").read_text()))
    return blocks[name]


class Place:
    """A prefix, and commands that are run without an environment, and with this project's folder hidden where
    that is allowed."""

    def __init__(self, counter, prefix, home):
        self.counter, self.prefix, self.home = counter, prefix, home
        self.environment = {"PATH": f"{prefix}/bin:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8",
                            "CMAKE_PREFIX_PATH": str(prefix), "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}
        self.hide = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(tools.ROOT)]
        self.hides = tools.run([*self.hide, "true"]).returncode == 0

    def run(self, *words, folder=None, stdin=None, **more):
        command = [*(self.hide if self.hides else []), *map(str, words)]
        return subprocess.run(command, cwd=folder or self.home, env=dict(self.environment, **more), text=True,
                              capture_output=True, timeout=240, stdin=stdin or subprocess.DEVNULL, errors="replace")

    def check(self, name, *words, output=None, **options):
        done = self.run(*words, **options)
        self.counter.check(done.returncode == 0 and (output is None or done.stdout == output), name,
                           f"{' '.join(map(str, words))}\nexit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def classify(self, name, program, folder):
        """The program of docs/building.md, on a picture whose name says what it shows."""
        _, _, _, samples = read_png(LENET / PICTURE)
        with open(folder / "picture.f32", "wb") as file:
            array("f", list(samples)).tofile(file)
        with open(folder / "picture.f32", "rb") as file:
            self.check(name, program, output=CLASS, stdin=file, folder=folder)

    def project(self, name, *files):
        folder = self.home / name
        folder.mkdir()
        for file in ("lenet.cnn", "lenet.safetensors", "fashion.txt"):
            shutil.copy(LENET / file, folder)
        for file in files:
            (folder / file).write_text(documented(file))
        return folder


def has(counter, what, *commands):
    missing = [command for command in commands if not shutil.which(command, path="/usr/bin:/bin:/usr/sbin")]
    if missing:
        counter.skip(what, f"no {', '.join(missing)} here")
    return not missing


# --- what is installed ---

def contents(place):
    counter, prefix = place.counter, place.prefix
    for file in ["bin/cnnc", "lib/cnnc/libcnnc-program.a", "lib/libcnnc-runtime.a", "lib/pkgconfig/cnnc.pc",
                 "include/cnnc/primitives.h", "include/cnnc/descriptors.h", "include/cnnc/steps.h", "include/cnnc/info.h",
                 "include/cnnc/executor.h", "include/cnnc/threads.h",
                 "lib/cmake/cnnc/cnncConfig.cmake", "lib/cmake/cnnc/cnncConfigVersion.cmake", "share/man/man1/cnnc.1",
                 "share/man/man5/cnn.5", "share/bash-completion/completions/cnnc", "share/zsh/site-functions/_cnnc",
                 "share/fish/vendor_completions.d/cnnc.fish", "share/cnnc/python/cnnc.py",
                 "share/cnnc/python/pytorch_weights.py",
                 "share/doc/cnnc/README.md", "share/doc/cnnc/LICENSE", "share/doc/cnnc/docs/building.md",
                 "share/doc/cnnc/examples/lenet/lenet.cnn"]:
        counter.check((prefix / file).is_file(), f"{file} is installed")
    for file in sorted(prefix.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            known = [path for path in (tools.ROOT, tools.BUILD) if bytes(path) + b"/" in data]
            counter.check(not known, f"{file.relative_to(prefix)} knows no path of the build", known)
    for document in sorted((prefix / "share/doc/cnnc").rglob("*.md")):
        links = re.findall(r"\]\((?!http)([^)#]+)", document.read_text())
        broken = [link for link in links if not (document.parent / link).exists()
                  and not re.match(r"(\.\./)?(tests|CONTRIBUTING)", link)]
        counter.check(not broken, f"the links of {document.name}, but those for developers", broken)
    done = place.check("the library path is not the build's", "cnnc", "--version")
    counter.check(done.stdout.startswith("cnnc "), "installed --version", done.stdout)
    readelf = shutil.which("readelf") and tools.run(["readelf", "-d", prefix / "bin/cnnc"]).stdout
    counter.check(not readelf or "runpath" not in readelf.lower(), "no run path", readelf)


# --- users without a build system ---

CPP = """#include <cstdio>
#include "lenet.h"
alignas(LENET_ALIGNMENT) static char workspace[LENET_WORKSPACE_BYTES];
static float image[LENET_IMAGE_FLOATS], scores[LENET_CLASS_FLOATS];
int main() {
    if (std::fread(image, sizeof *image, LENET_IMAGE_FLOATS, stdin) != LENET_IMAGE_FLOATS) return 1;
    if (lenet_run(image, scores, workspace, sizeof workspace) != LENET_OK) return 1;
    int best = 0;
    for (int i = 1; i < LENET_CLASS_FLOATS; i++) if (scores[i] > scores[best]) best = i;
    std::puts(cnn_info_label(lenet_info(), cnn_info_outputs(lenet_info()), best));
}
"""


def by_hand(place):
    folder = place.project("hand", "main.c", "edges.c")
    if has(place.counter, "a program of the installed compiler", "cc"):
        place.check("a program", "cnnc", "lenet.cnn", "-o", "program", folder=folder)
        shutil.copy(LENET / PICTURE, folder)
        done = place.run(folder / "program", PICTURE, folder=folder)
        place.counter.check(re.search(r"^1 +ankle boot", done.stdout.splitlines()[0] if done.stdout else ""),
                            "the program knows the picture", done.stdout + done.stderr)
    place.check("an object", "cnnc", "-c", "lenet.cnn", folder=folder)
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    for compiler in ("cc", "gcc", "clang-22"):
        if has(place.counter, f"C by hand with {compiler}", compiler):
            place.check(f"C by hand with {compiler}", compiler, "-std=c11", *strict, "main.c", "lenet.o", "-lm", "-o",
                        "user", folder=folder)
            place.classify(f"C by hand with {compiler} runs", folder / "user", folder)
            place.check(f"the primitives with {compiler}", compiler, "-std=c11", *strict, "edges.c",
                        f"-I{place.prefix}/include", f"-L{place.prefix}/lib", "-lcnnc-runtime", "-lm", "-o", "edges",
                        folder=folder)
            place.check(f"the primitives with {compiler} run", folder / "edges", output="3 0 0\n", folder=folder)
    (folder / "main.cpp").write_text(CPP)
    header = '#include <cnnc/primitives.h>\nint main() { cnn_vector one = cnn_splat(1); return cnn_add(one, one)[0] != 2; }\n'
    (folder / "header.cpp").write_text(header)
    for compiler in ("g++", "clang++-22"):
        if has(place.counter, f"C++ by hand with {compiler}", compiler):
            place.check(f"C++ by hand with {compiler}", compiler, "-std=c++17", *strict, "main.cpp", "lenet.o", "-lm",
                        "-o", "user", folder=folder)
            place.classify(f"C++ by hand with {compiler} runs", folder / "user", folder)
            place.check(f"the primitives in C++ with {compiler}", compiler, "-std=c++17", *strict, "header.cpp",
                        f"-I{place.prefix}/include", f"-L{place.prefix}/lib", "-lcnnc-runtime", "-lm", "-o", "header",
                        folder=folder)
            place.check(f"and run with {compiler}", folder / "header", folder=folder)


# --- CMake ---

def generators(counter):
    """(CMake's name, the program)"""
    for name, program in (("Ninja", "ninja"), ("Unix Makefiles", "make")):
        if has(counter, f"CMake with {name}", program):
            yield name


def with_cmake(place):
    if not has(place.counter, "CMake", "cmake", "cc"):
        return
    for generator in generators(place.counter):
        folder = place.project(f"cmake {generator}", "main.c", "CMakeLists.txt", "edges.c")
        with open(folder / "CMakeLists.txt", "a") as file:
            file.write("add_executable(edges edges.c)\ntarget_link_libraries(edges PRIVATE cnnc::runtime)\n")
        place.check(f"CMake, {generator}: configure", "cmake", "-G", generator, "-B", "build", folder=folder)
        place.check(f"CMake, {generator}: build", "cmake", "--build", "build", folder=folder)
        place.classify(f"CMake, {generator}: run", folder / "build/clothes", folder)
        place.check(f"CMake, {generator}: the primitives", folder / "build/edges", output="3 0 0\n")


WHOLE = """cmake_minimum_required(VERSION 3.20)
project(whole LANGUAGES {languages})
find_package(cnnc 0.1 REQUIRED)
if(NOT TARGET cnnc::cnnc OR NOT TARGET cnnc::runtime)
    message(FATAL_ERROR "targets are missing")
endif()
add_subdirectory(nets)
add_executable(app app.{suffix})
target_link_libraries(app PRIVATE my-net second)
"""
NETS = """cnnc_add_network(my-net net.cnn WEIGHTS ../weights/net.safetensors NETWORK small DEFINE rows=2 columns=3
                 CPU x86-64 OPTIONS -O1 --werror)
cnnc_add_network(second net.cnn NAME other NETWORK large WEIGHTS random:3)
"""
NET = """import "parts/filter.cnn"
network small(rows = 1, columns = 1) {
    input x: [rows, columns, 1]
    output y = x -> conv(double) -> conv1: conv(1, 2)
    labels "names.txt"
}
network large {
    input x: 4x4
    output y = x -> conv(double) -> conv(3, 1)
}
"""
APP = """#include <stdio.h>
#include "my_net.h"
#include "other.h"
PLACE(MY_NET_ALIGNMENT) static char workspace[MY_NET_WORKSPACE_BYTES];
int main(void) {
    static const float x[MY_NET_X_FLOATS] = {1, 2, 3, 4, 5, 6};
    float y[MY_NET_Y_FLOATS];
    int error = my_net_run(x, y, workspace, sizeof workspace);
    for (int i = 0; i < MY_NET_Y_FLOATS && !error; i++)
        printf("%g ", (double)y[i]);
    printf("%d\\n", (int)OTHER_X_FLOATS);
    return error;
}
"""


def fill(folder, language):
    """A project whose networks lie in a subfolder. The small one doubles x, and gives 3x + 1 and -x of that."""
    files = {"CMakeLists.txt": WHOLE.format(languages=language, suffix="c" if language == "C" else "cpp"),
             "app.c" if language == "C" else "app.cpp":
                 APP.replace("PLACE(", "_Alignas(" if language == "C" else "alignas("),
             "nets/CMakeLists.txt": NETS, "nets/net.cnn": NET, "nets/parts/filter.cnn": "filter double = [ 2 ]\n",
             "nets/names.txt": "a\nb\n", "nets/other.txt": "other\n"}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "weights").mkdir()
    tools.write_safetensors(folder / "weights/net.safetensors",
                            {"conv1.weight": ((2, 1, 1, 1), [3, -1]), "conv1.bias": ((2,), [1, 0])})


def expected(factor):
    return " ".join(f"{3 * factor * x + 1} {-factor * x}" for x in range(1, 7)) + " 16\n"


def touch(file):
    """Makes a file newer than everything built so far: the clock of a file system may be coarse."""
    time.sleep(0.05)
    os.utime(file)


def rebuilding(place, name, folder, build):
    """After a change of each file that was read, and of cnnc, the object is made anew; after others it is not."""
    def versions():
        return {made.name: made.stat().st_ino for made in build.rglob("*.o") if made.parent.parent.name == "cnnc"}

    def rebuild(what):
        place.check(f"{name}: builds after {what}", "cmake", "--build", build, folder=folder)

    before = versions()
    place.counter.check(set(before) == {"my_net.o", "other.o"}, f"{name}: both objects are made", before)
    rebuild("nothing")
    place.counter.check(versions() == before, f"{name}: nothing is made anew after nothing")
    for file, touched in [("nets/net.cnn", {"my_net.o", "other.o"}), ("nets/parts/filter.cnn", {"my_net.o", "other.o"}),
                          ("nets/names.txt", {"my_net.o"}), ("weights/net.safetensors", {"my_net.o"}),
                          (place.prefix / "bin/cnnc", {"my_net.o", "other.o"}), ("nets/other.txt", set()),
                          ("app.c", set()), ("app.cpp", set())]:
        if not (folder / file).exists():
            continue
        before = versions()
        touch(folder / file)
        rebuild(f"a change of {file}")
        after = versions()
        anew = {made for made in after if after[made] != before[made]}
        place.counter.check(anew == touched, f"{name}: what a change of {file} makes anew", f"{anew}, not {touched}")
    before = versions()
    rebuild("nothing more")
    place.counter.check(versions() == before, f"{name}: nothing is made anew once more")


def whole_projects(place):
    if not has(place.counter, "CMake projects", "cmake", "cc", "c++"):
        return
    for generator in generators(place.counter):
        for language in ("C", "CXX"):
            name = f"{language} with {generator}"
            folder = place.home / f"a {language} project, {generator}"
            fill(folder, language)
            build = folder / "build it"
            place.check(f"{name}: configure", "cmake", "-G", generator, "-S", folder, "-B", build)
            done = place.check(f"{name}: build", "cmake", "--build", build, "-j2")
            place.counter.check(done.stdout.count("Compiling network") == 2, f"{name}: each network once", done.stdout)
            place.check(f"{name}: run", build / "app", output=expected(2))
            rebuilding(place, name, folder, build)
            (folder / "nets/parts/filter.cnn").write_text("filter double = [ 4 ]\n")
            touch(folder / "nets/parts/filter.cnn")
            place.check(f"{name}: build with another filter", "cmake", "--build", build)
            place.check(f"{name}: the new filter counts", build / "app", output=expected(4))


def mistakes(place):
    """cnnc_add_network tells a wrong call; a wrong network fails the build with its message."""
    if not has(place.counter, "wrong CMake projects", "cmake", "cc"):
        return
    head = "cmake_minimum_required(VERSION 3.20)\nproject(wrong LANGUAGES C)\nfind_package(cnnc REQUIRED)\n"
    for name, call, text in [("unknown", "lenet lenet.cnn FAST", "unknown: FAST"),
                             ("valueless", "lenet lenet.cnn CPU", "without a value: CPU")]:
        folder = place.project(name)
        (folder / "CMakeLists.txt").write_text(f"{head}cnnc_add_network({call})\n")
        done = place.run("cmake", "-B", "build", folder=folder)
        place.counter.check(done.returncode != 0 and text in done.stderr, f"cnnc_add_network, {name}", done.stderr)
    folder = place.project("newer")
    (folder / "CMakeLists.txt").write_text(head.replace("(cnnc ", "(cnnc 99 "))
    done = place.run("cmake", "-B", "build", folder=folder)
    place.counter.check(done.returncode != 0 and "compatible" in done.stderr, "another version", done.stderr)


# --- make, pkg-config, Meson ---

def with_make(place):
    if not has(place.counter, "make and pkg-config", "make", "pkg-config", "cc"):
        return
    folder = place.project("make", "main.c", "Makefile", "edges.c")
    place.check("make", "make", "-j2", folder=folder)
    place.classify("make: run", folder / "clothes", folder)
    done = place.check("make again", "make", folder=folder)
    place.counter.check("up to date" in done.stdout, "make has nothing to do", done.stdout)
    for file in ("lenet.cnn", "lenet.safetensors", "fashion.txt"):
        touch(folder / file)
        done = place.check(f"make after a change of {file}", "make", folder=folder)
        place.counter.check("cnnc -c lenet.cnn" in done.stdout, f"make runs cnnc after a change of {file}", done.stdout)
    words = place.run("pkg-config", "--cflags", "--libs", "cnnc").stdout.split()
    place.check("the primitives by pkg-config", "cc", "edges.c", *words, "-o", "edges", folder=folder)
    place.check("and run", folder / "edges", output="3 0 0\n", folder=folder)
    version = place.run("pkg-config", "--modversion", "cnnc").stdout
    place.counter.check(version.strip() in place.run("cnnc", "--version").stdout, "pkg-config knows the version", version)


def with_meson(place):
    if not has(place.counter, "Meson", "meson", "ninja", "cc"):
        return
    folder = place.project("meson", "main.c", "meson.build")
    place.check("Meson: configure", "meson", "setup", "build", folder=folder)
    place.check("Meson: build", "ninja", "-C", "build", folder=folder)
    place.classify("Meson: run", folder / "build/clothes", folder)
    touch(folder / "fashion.txt")
    done = place.check("Meson: build after a change of labels", "ninja", "-C", "build", folder=folder)
    place.counter.check("lenet" in done.stdout, "Meson makes the object anew", done.stdout)


# --- Python ---

def with_python(place):
    """The installed module, with a Python that is not told where the compiler is."""
    python = tools.python_with("numpy")
    if not python:
        place.counter.skip("the Python module", "no Python with NumPy here")
        return
    folder = place.project("python")
    (folder / "main.py").write_text("import cnnc, numpy\nnet = cnnc.compile('lenet.cnn')\n"
                                    "print(len(net.top(net(numpy.zeros((28, 28))))))\n")
    place.check("the Python module", python, "main.py", output="5\n", folder=folder, PATH="/usr/bin:/bin",
                PYTHONPATH=str(place.prefix / "share/cnnc/python"))


# --- the Debian package ---

def field(package, name):
    return tools.run(["dpkg-deb", "-f", package, name]).stdout.strip()


def packed(place, home):
    counter = place.counter
    if not has(counter, "the Debian package", "cpack", "dpkg-deb", "dpkg-shlibdeps", "file", "gzip"):
        return
    done = tools.run(["cpack", "-G", "DEB", "--config", tools.BUILD / "CPackConfig.cmake", "-B", home / "packed"],
                     timeout=300)
    packages = list((home / "packed").glob("*.deb"))
    if not counter.check(done.returncode == 0 and len(packages) == 1, "cpack", done.stdout + done.stderr):
        return
    package = packages[0]
    needed = field(package, "Depends")
    libraries = ("libc6", "libjansson4", "libprotobuf-c1", "libzip4", "libpng", "libjpeg")
    counter.check(all(re.search(rf"\b{library}", needed) for library in libraries),
                  "the package depends on its libraries", needed)
    counter.check("-dev" not in needed, "and on no development package", needed)
    counter.check("llvm" not in needed, "it has LLVM in itself", needed)
    counter.check(field(package, "Recommends") == "gcc, libc6-dev", "it recommends a C compiler")
    counter.check(field(package, "Suggests") == "python3-numpy", "and suggests what the Python module needs")
    counter.check(field(package, "Architecture") == "amd64" and field(package, "Description"), "it describes itself")
    if has(counter, "lintian", "lintian"):
        said = tools.run(["lintian", "--fail-on", "error", "--allow-root", package], timeout=300)
        counter.check(said.returncode == 0, "lintian finds no error", said.stdout + said.stderr)
    root = home / "root"
    tools.run(["dpkg-deb", "-x", package, root])
    for page in ("share/man/man1/cnnc.1.gz", "share/man/man5/cnn.5.gz"):
        counter.check(gzip.decompress((root / "usr" / page).read_bytes()).startswith(b".TH "), f"{page} is compressed")
    llvm = re.search(r"LLVM (\d+)", tools.run([tools.CNNC, "--version"]).stdout)[1]
    for file in ("share/doc/cnnc/copyright", f"share/doc/cnnc/llvm-{llvm}-dev.copyright",
                 "share/doc/cnnc/changelog.Debian.gz", "share/doc/cnnc/changelog.gz",
                 "share/zsh/vendor-completions/_cnnc", "share/bash-completion/completions/cnnc",
                 "lib/cmake/cnnc/cnncConfig.cmake"):
        counter.check((root / "usr" / file).is_file(), f"{file} is packed")
    extracted = Place(counter, root / "usr", home / "extracted")
    extracted.home.mkdir()
    if has(counter, "the extracted package", "cc"):
        folder = extracted.project("hand", "main.c")
        extracted.check("the extracted cnnc makes an object", "cnnc", "-c", "lenet.cnn", folder=folder)
        extracted.check("which links", "cc", "main.c", "lenet.o", "-lm", "-o", "user", folder=folder)
        extracted.classify("and runs", folder / "user", folder)
        with_python(extracted)
        extracted.check("and a program", "cnnc", "lenet.cnn", "-o", "program", folder=folder)


def main():
    counter = tools.Counter()
    with tools.temporary_folder() as folder:
        home = Path(folder).resolve()
        done = tools.run(["cmake", "--install", tools.BUILD, "--prefix", home / "installed"])
        if counter.check(done.returncode == 0, "cmake --install", done.stdout + done.stderr):
            (home / "installed").rename(home / "moved")
            place = Place(counter, home / "moved", home / "users")
            place.home.mkdir()
            if not place.hides:
                counter.skip("the project's folder is hidden", "mounting needs root")
            for part in (contents, by_hand, with_cmake, whole_projects, mistakes, with_make, with_meson, with_python):
                part(place)
            packed(place, home)
    counter.finish()


main()
