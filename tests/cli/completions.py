# SPDX-License-Identifier: GPL-2.0-or-later
"""The completions that util/completions generates, in real shells: every option of every command's
--help, the values and files of the options that have them.  bash and zsh read a terminal, so that
their own quoting is tested, too."""

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios

import harness
import lines

import files

DONE, PROMPT = "all read", "ready>"
LIMIT = 60    # seconds without output; only a shell that hangs waits so long
FILE = "a file"
# The commands are functions that print their arguments.
SETUP = {
    "bash": """bind 'set completion-query-items 0' 'set page-completions off' 'set bell-style none'
bind 'set enable-bracketed-paste off'
for command in {commands}; do eval "$command() {{ printf '<%s>\\\\n' \\"\\$@\\"; }}"; . "{made}/$command.bash"; done
""",
    "zsh": """unsetopt zle prompt_cr prompt_sp; fpath=({made}/zsh $fpath); LISTMAX=9999
autoload -Uz compinit; compinit -u -d {made}/zsh/dump; setopt zle; bindkey -e
for command in {commands}; do eval "$command() {{ printf '<%s>\\\\n' \\"\\$@\\"; }}"; done
""",
}


class NoAnswerError(Exception):
    """The shell hangs, or has ended."""


def read_answer(terminal):
    """What the terminal prints up to the prompt after the last command."""
    output = ""
    while PROMPT not in output.partition(DONE)[2]:
        if not select.select([terminal], [], [], LIMIT)[0]:
            raise NoAnswerError(f"the shell does not answer: {output[-500:]!r}")
        try:
            output += os.read(terminal, 1 << 16).decode("utf-8", "replace")
        except OSError as error:
            raise NoAnswerError(f"the shell ended: {output[-500:]!r}") from error
    return output


class Terminal:
    """A shell that reads a terminal."""

    def __init__(self, command, directory, setup):
        try:
            self.end, other = pty.openpty()
        except OSError as error:
            raise files.MissingError(f"no terminal: {error}") from error
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 400, 160, 0, 0))
        self.shell = subprocess.Popen(
            command, cwd=directory, stdin=other, stdout=other, stderr=other, start_new_session=True,
            env={"PATH": os.environ["PATH"], "HOME": str(directory), "TERM": "dumb", "LC_ALL": "C",
                 "PS1": PROMPT})
        os.close(other)
        for line in setup.splitlines():
            self.type(line + "\n")

    def type(self, keys):
        """What is printed while the keys are read; the rest of the line is dropped."""
        half = len(DONE) // 2
        os.write(self.end, f"{keys}\x15echo '{DONE[:half]}''{DONE[half:]}'\n".encode())
        return read_answer(self.end)

    def close(self):
        self.shell.kill()
        self.shell.wait()
        os.close(self.end)


class Fish:
    """fish prints completions without a terminal; type() takes the same keys."""

    def __init__(self, command, directory, env, setup):
        self.command, self.directory, self.env, self.setup = command, directory, env, setup

    def type(self, keys):
        return harness.run([*self.command, "-c", f"{self.setup}; complete -C '{keys.rstrip(chr(9))}'"],
                           self.directory, self.env).out

    def close(self):
        pass


def bash(directory, made, commands):
    return Terminal(["bash", "--norc", "--noprofile", "-i"], directory,
                    SETUP["bash"].format(made=made, commands=commands))


def zsh(directory, made, commands):
    program = shutil.which("zsh")
    setup = SETUP["zsh"]
    if not program:
        static, common = files.fetch("zsh-static", "zsh-common")
        program = files.one(static, "bin/zsh-static")
        functions = [str(path) for path in sorted(common.glob("usr/share/zsh/functions/**/"))]
        setup = f"fpath=({' '.join(functions)})\n{setup}"
    return Terminal([program, "-f", "-i", "+Z"], directory, setup.format(made=made, commands=commands))


def fish(directory, made, commands):
    program, env = shutil.which("fish"), {**os.environ, "HOME": str(directory)}
    if not program:
        tool, common, library = files.fetch("fish", "fish-common", "libpcre2-32-0")
        # fish finds its own files below the folder above bin/.
        for name in ("bin", "share", "etc"):
            (directory / "fish" / name).mkdir(parents=True)
        program = shutil.copy(tool / "usr/bin/fish", directory / "fish/bin")
        (directory / "fish/share/fish").symlink_to(common / "usr/share/fish")
        (directory / "fish/etc/fish").symlink_to(common / "etc/fish")
        env["LD_LIBRARY_PATH"] = str(files.one(library, "lib/*/libpcre2-32.so.0").parent)
    sources = "; ".join(f"source {made}/{name}.fish" for name in commands.split())
    return Fish([program, "--no-config"], directory, env, sources)


def generate(made):
    """The completions of every command, below the names under which they are installed."""
    commands = [path.name for path in (harness.TOP / "scripts").glob("*load-kernel")]
    commands += ["kexec", "vmcore-dmesg"]
    (made / "zsh").mkdir(parents=True)
    for command in commands:
        for shell, name in (("bash", f"{command}.bash"), ("zsh", f"zsh/_{command}"),
                            ("fish", f"{command}.fish")):
            text = subprocess.run([harness.TOP / "util/completions", shell, command,
                                   *harness.arches("list")], check=True, stdout=subprocess.PIPE).stdout
            (made / name).write_bytes(text)
    return sorted(commands)


def program_of(build, command):
    script = harness.TOP / "scripts" / command
    return script if script.exists() else build / "sbin" / command


def check_shell(suite, build, shell, commands, name):
    for command in commands:
        wanted = lines.told(harness.run([program_of(build, command), "--help"], build).out)
        shown = shell.type(f"{command} --\t" + ("\t" if name == "bash" else ""))
        found = set(re.findall(r"--([a-z0-9][a-z0-9-]*)", shown))
        suite.check(f"{name}: {command} completes every option of its --help",
                    None if wanted and set(wanted) == found else
                    f"missing: {set(wanted) - found}, not in the help: {found - set(wanted)}")
        shown = shell.type(f"{command} -\t" + ("\t" if name == "bash" else ""))
        letters = {letter for letter in wanted.values() if letter}
        found = set(re.findall(r"(?<!\S)-([A-Za-z])(?!\S)", shown))
        suite.check(f"{name}: {command} completes every letter of its --help",
                    None if letters == found else f"found {sorted(found)}, expected {sorted(letters)}")
    for option, values in (("--arch", harness.arches("list")), ("--on-corrupt", ["halt", "reboot"]),
                           ("--purgatory", ["pie", "rel"])):
        shown = shell.type(f"kexec {option}=\t" + ("\t" if name == "bash" else ""))
        missing = [value for value in values if not re.search(rf"(?<!\w){value}(?!\w)", shown)]
        suite.check(f"{name}: values of {option}", missing and f"missing: {missing}")
    help_text = harness.run([build / "sbin/kexec", "--dry-run", "-l", "-t", "?", harness.HERE / "harness.py"], build).err
    types = help_text.rpartition(": ")[2].rstrip(".\n").split(", ")
    shown = shell.type("kexec --type=\t" + ("\t" if name == "bash" else ""))
    missing = [kind for kind in types if not re.search(rf"(?<![\w-]){re.escape(kind)}(?![\w-])", shown)]
    suite.check(f"{name}: values of --type", missing and f"missing: {missing}")
    for option, wanted in (("--initrd=", True), ("", True), ("--append=", False)):
        shown = shell.type(f"kexec {option}a\t" + ("" if name == "fish" else "\n"))
        found = shown.splitlines()
        fits = [line for line in found
                if line.strip() == f"<{option}{FILE}>" or name == "fish" and f"{option}{FILE}" in
                line.replace("\\", "")]
        suite.check(f"{name}: kexec {option}FILE, whose name contains a blank", None
                    if bool(fits) == wanted else f"printed: {found}")


def run(suite, build, directory):
    made = directory / "made"
    commands = generate(made)
    for start in (bash, zsh, fish):
        home = directory / start.__name__
        home.mkdir()
        (home / FILE).write_bytes(b"")
        try:
            with contextlib.closing(start(home, made, " ".join(commands))) as shell:
                check_shell(suite, build, shell, commands, start.__name__)
        except NoAnswerError as error:
            suite.check(f"completions of {start.__name__}", str(error))
        except files.MissingError as error:
            print(f"SKIP completions of {start.__name__}: {error}")
            suite.failed += not files.HERMETIC
