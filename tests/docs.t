#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# Does the documentation speak of things that exist, and of all of them?
#
# Paths, scenarios, raw initiator cases, module parameters, configfs and debugfs
# files, functions, make targets, limits: each is looked up in the sources.

import glob
import json
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.chdir(TOP)

count = 0
failed = 0


def ok(text, problems):
    """One test: passes if there are no problems."""
    global count, failed
    count += 1
    print("%sok %d - %s" % ("not " if problems else "", count, text))
    for problem in problems:
        print("# " + str(problem))
        sys.stderr.write("# %s: %s\n" % (text, problem))
    failed += bool(problems)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


RST = sorted(glob.glob("Documentation/*.rst"))
ABI = sorted(glob.glob("Documentation/ABI/testing/*"))
PROSE = ["README.md", "tests/README.md", "COPYING"] + RST
DRIVER = {f: read(f) for f in sorted(glob.glob("*.[ch]"))}
CODE = "\n".join(DRIVER.values())
TEXT = {f: read(f) for f in PROSE + ABI if os.path.exists(f)}
DOC = "\n".join(TEXT.values())
TRACKED = set(subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], check=True,
    stdout=subprocess.PIPE, universal_newlines=True).stdout.split())
FOLDERS = {os.path.dirname(f) for f in TRACKED}
FOLDERS |= {os.path.dirname(f) for f in FOLDERS}
SCENARIOS = {os.path.basename(f)[:-3] for f in TRACKED
             if f.startswith("tests/scenarios/")}


def quoted(text):
    """What is set in the fixed font: words between backquotes."""
    return re.findall(r"``([^`]+)``", text) + \
        re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def paths(text):
    """Words that look like paths of this project."""
    roots = "Documentation|tests|scripts|LICENSES|\\.ci"
    found = re.findall(r"(?<![\w./-])((?:%s)/[\w./*-]*\w)" % roots, text)
    for word in quoted(text):
        if re.fullmatch(r"(ib_srpt|srpt_\w+|srp_\w+)\.[ch]", word):
            found.append(word)
    return found


def missing_paths(name):
    for path in sorted(set(paths(TEXT[name]))):
        stem = path.rstrip("/*")
        if "NAME" in path or glob.glob(path) or glob.glob(path + "*.sh"):
            continue
        if path in TRACKED or stem in FOLDERS:
            continue
        yield "there is no %s" % path


def check_paths():
    for name in TEXT:
        ok("%s names files that exist" % name, list(missing_paths(name)))


def check_index():
    index = TEXT["Documentation/index.rst"]
    ok("Documentation/index.rst names all of the documents",
       [f for f in RST + ABI if f not in index and
        not f.endswith("/index.rst")])
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    used = set(re.findall(r"(?:^    |`)(?:sudo )?make ([a-z][a-z-]*)", DOC, re.M))
    ok("make targets that are named exist", sorted(used - targets))


def promise_rows():
    design = TEXT["Documentation/design.rst"]
    part = design.split("\nPromises\n", 1)[1].split("\nFunctions\n", 1)[0]
    return re.findall(r"^   \* - (.*?)\n     - (.*?)(?=\n   \* - |\Z)", part,
                      re.S | re.M)[1:]


def case_exists(group, name):
    """Is there a case of that name in that group of the raw initiator?"""
    path = "tests/initiator/case_%s.c" % group
    return os.path.exists(path) and \
        re.search(r'"(%s\.)?%s"' % (group, re.escape(name)), read(path))


def check_promises():
    problems = []
    rows = promise_rows()
    for promise, shown in rows:
        title = " ".join(promise.split())[:40]
        tests = 0
        for word in quoted(shown):
            if word.startswith("tests/"):
                tests += 1
                if word not in TRACKED and word not in FOLDERS:
                    problems.append("%s: no %s" % (title, word))
            elif "." in word:
                if not case_exists(*word.split(".", 1)):
                    problems.append("%s: no case %s" % (title, word))
        plain = re.sub(r"``[^`]+``|\([^)]*\)", " ", shown)
        for word in re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+|"
                               r"\b(?:srq|verify|register|relogin|unload)\b",
                               plain):
            if word in SCENARIOS:
                tests += 1
            elif "-" in word:
                problems.append("%s: no scenario %s" % (title, word))
        if not tests:
            problems.append("%s: no test" % title)
    ok("each promise has a test, and the tests exist (%d promises)" %
       len(rows), problems + ([] if len(rows) >= 20 else ["table is gone"]))


def check_differences():
    """Each row says, in its last column, which scenarios show it."""
    problems = []
    rows = re.findall(r"^   \* - (.*?)(?=\n   \* - |\n\n|\Z)",
                      TEXT["Documentation/differences.rst"], re.S | re.M)
    rows = [r.split("\n     - ") for r in rows if "shown by" not in r]
    for row in rows:
        for word in re.split(r",\s+", re.sub(r"\s*\([^)]*\)", "", row[-1].strip())):
            if len(row) != 4 or word not in SCENARIOS:
                problems.append("%s: %s" % (row[0], word))
        for group, case in re.findall(r"``(\w+)\.([\w-]+)``", row[-1]):
            if not case_exists(group, case):
                problems.append("%s: no case %s" % (row[0], case))
    ok("each difference has its scenarios (%d)" % len(rows),
       problems + ([] if len(rows) >= 20 else ["tables are gone"]))


def check_scenarios():
    problems = []
    for name, text in TEXT.items():
        for word in quoted(text):
            if re.fullmatch(r"(ib|wire|config|acl|login)-[a-z0-9-]+", word) \
                    and word not in SCENARIOS:
                problems.append("%s: %s" % (name, word))
        for word in re.findall(r"^\s+tests/run (?:--kernel \S+ )?"
                               r"([a-z0-9-]+)", text, re.M):
            if not word.startswith("-") and word not in SCENARIOS:
                problems.append("%s: tests/run ... %s" % (name, word))
        if name == "Documentation/security.rst":
            for line in re.findall(r"\*Tests:\* scenarios (.*?)[.;]\s", text,
                                   re.S):
                for word in re.split(r",\s+", line.split(";")[0]):
                    if word.strip() not in SCENARIOS:
                        problems.append("%s: %s" % (name, word))
    ok("scenarios that are named exist", problems)


def row_of(text, word):
    """The row of a list-table that starts with this word."""
    match = re.search(r"^   \* - ``%s``\n(.*?)(?=^   \* - |^\S|\Z)" %
                      re.escape(word), text, re.M | re.S)
    return match.group(1) if match else ""


def entry_of(text, what):
    """The entry of an ABI file for this path."""
    match = re.search(r"^What:\s+\S*%s\n(.*?)(?=^What:|\Z)" % re.escape(what),
                      text, re.M | re.S)
    return match.group(1) if match else ""


def lacks(name, text, numbers):
    return ["%s: %s is not mentioned" % (name, n) for n in numbers
            if not re.search(r"\b%s\b" % n, text)]


PARAMETERS = {"srp_max_req_size": "SRPT_REQ_SIZE",
              "srpt_srq_size": "SRPT_SRQ_SIZE",
              "srpt_latency_sample": "SRPT_LATENCY_SAMPLE",
              "srpt_service_guid": None}
ATTRIBUTES = {"srp_max_rdma_size": "SRPT_RDMA_SIZE",
              "srp_max_rsp_size": "SRPT_RSP_SIZE",
              "srp_sq_size": "SRPT_SQ_SIZE", "use_srq": None,
              "rdma_cm_port": None, "generate_node_acls": None,
              "demo_mode_write_protect": None}


def limits(prefix):
    if not prefix:
        return []
    return [str(value_of(prefix + end)) for end in ("_MIN", "_DEFAULT",
                                                    "_MAX")]


def value_of(name):
    """The number behind an enum constant, also if it is another's."""
    match = re.search(r"\b%s\s*=\s*(\w+)" % name, CODE)
    if not match:
        return name + " is not defined"
    value = match.group(1)
    return value if value.isdigit() else value_of(value)


def check_parameters():
    found = set(re.findall(r"module_param(?:_cb)?\((\w+)", DRIVER["ib_srpt.c"]))
    admin = TEXT["Documentation/administration.rst"]
    abi = TEXT["Documentation/ABI/testing/sysfs-module-ib_srpt"]
    named = set(re.findall(r"parameters/(\w+)", abi))
    ok("module parameters are those that are documented",
       ["%s" % p for p in sorted(found ^ named | found ^ set(PARAMETERS))])
    problems = []
    for name, prefix in PARAMETERS.items():
        problems += lacks("administration.rst, " + name, row_of(admin, name),
                          limits(prefix) or ["hexadecimal"])
        problems += lacks("ABI, " + name, entry_of(abi, "/" + name),
                          limits(prefix) or ["hexadecimal"])
    ok("limits and defaults of parameters are those of the driver", problems)


def check_attributes():
    fabric = DRIVER["srpt_fabric.c"]
    found = set(re.findall(r"^CONFIGFS_ATTR\(srpt_tpg_attrib_, ([a-z]\w+)\)",
                           fabric, re.M))
    admin = TEXT["Documentation/administration.rst"]
    abi = TEXT["Documentation/ABI/testing/configfs-ib_srpt"]
    named = set(re.findall(r"attrib/(\w+)", abi))
    ok("attributes are those that are documented",
       sorted(found ^ named | found ^ set(ATTRIBUTES)))
    problems = []
    for name, prefix in ATTRIBUTES.items():
        row = row_of(admin, "PORT/TPG/attrib/" + name)
        numbers = limits(prefix) or \
            (["discovery_auth", "number"] if name == "rdma_cm_port"
             else ["0", "1"])
        problems += lacks("administration.rst, " + name, row, numbers)
        problems += lacks("ABI, " + name, entry_of(abi, "attrib/" + name),
                          numbers)
    ok("limits and defaults of attributes are those of the driver", problems)
    files = set(re.findall(r"^CONFIGFS_ATTR(?:_RO)?\(\w+, (\w+)\)", fabric,
                           re.M)) - found
    ok("other files in configfs are documented",
       [f for f in sorted(files) if not entry_of(abi, "/" + f) or
        "/%s``" % f not in admin and "``%s``" % f not in admin])


def view_keys():
    """What the files in debugfs say: KEY=, and names from tables."""
    keys = set()
    text = DRIVER["srpt_debugfs.c"]
    keys |= set(re.findall(r'(?<=[" ])([a-z]\w*)=(?=[%"])', text))
    keys |= set(re.findall(r'srpt_print_name\(m, "(\w+)"', text))
    keys |= set(re.findall(r'\[SRPT_N_\w+\] = "(\w+)"', DRIVER["srpt_stats.c"]))
    table = DRIVER["srpt_names.c"].split("srpt_id_keys[] = {", 1)[1]
    keys |= set(re.findall(r'\[SRPT_ID_\w+\] = "(\w+)"',
                           table.split("};")[0])) - {"none"}
    return keys | {"lt1"}


def table_names(text):
    """First column of all simple tables."""
    return set(re.findall(r"^``([\w-]+)``(?: |$)", text, re.M))


def check_debugfs():
    abi = TEXT["Documentation/ABI/testing/debugfs-ib_srpt"]
    admin = TEXT["Documentation/administration.rst"]
    files = set(re.findall(r'\{ "(\w+)", 0[0-7]+, &srpt_\w+_fops \}',
                           DRIVER["srpt_debugfs.c"]))
    ok("files in debugfs are those that are documented",
       sorted(files ^ set(re.findall(r"^What:.*ib_srpt/(\w+)", abi, re.M))) or
       ([] if files else ["none found"]))
    views = admin.split("\nViews\n", 1)[1].split("\nTracing\n", 1)[0]
    keys = view_keys()
    ok("keys of the files in debugfs are documented (%d)" % len(keys),
       [k for k in sorted(keys) if "``%s``" % k not in views] or
       ([] if len(keys) > 40 else ["hardly any found"]))
    waits = set(re.findall(r'\[SRPT_WAIT_\w+\] = "([\w-]+)"',
                           DRIVER["srpt_state.c"])) | {"logout"}
    ok("what is documented is there, and what an end waits for",
       sorted((table_names(views) - {"waits"}) ^
              ((keys & table_names(views) | waits | files) - {"waits"})))


def trace_events():
    """Events and their fields, from the header."""
    text = DRIVER["srpt_trace.h"]
    return {name: set(re.findall(r"__(?:field|array)\(\w+, (\w+)", body))
            for name, body in re.findall(
                r"^TRACE_EVENT\((\w+),(.*?)^\);", text, re.M | re.S)}


def check_traces():
    admin = TEXT["Documentation/administration.rst"]
    part = admin.split("\nTracing\n", 1)[1].split("\nA read makes", 1)[0]
    rows = re.split(r"^``(srpt_\w+)``", part, flags=re.M)[1:]
    named = {}
    for name, row in zip(rows[::2], rows[1::2]):
        named[name] = {w for line in row.splitlines()
                       for w in re.findall(r"``(\w+)``", line[-26:])}
    events = trace_events()
    ok("tracepoints and their fields are those that are documented (%d)" %
       len(events),
       ["%s: %s" % (e, sorted(events.get(e, set()) ^ named.get(e, set())))
        for e in sorted(set(events) | set(named))
        if events.get(e) != named.get(e)] or
       ([] if len(events) >= 13 else ["hardly any found"]))
    problems = []
    for kind, path in (("SRPT_CH_", "srpt_state.c"),
                       ("SRP_FAULT_", "srp_iu.c")):
        pattern = r'(%s\w+)\]? ?(?:=|,)[ \\\s]*(?:\{ )?"([^"]+)"' % kind
        table = set(re.findall(pattern, DRIVER[path]))
        shown = set(re.findall(pattern, DRIVER["srpt_trace.h"]))
        problems += sorted(table ^ shown) or ([] if table else [kind])
    ok("tracepoints have the names of the log", problems)
    used = set(re.findall(r"ib_srpt:(srpt_\w+)", DOC))
    fields = set(re.findall(r"args->(\w+)", DOC))
    ok("examples of tracing use what is there",
       sorted(used - set(events)) +
       sorted(fields - set().union(*events.values())))


REASONS = {"UNABLE_ESTABLISH_CHANNEL": "00010000h",
           "INSUFFICIENT_RESOURCES": "00010001h",
           "REQ_IT_IU_LENGTH_TOO_LARGE": "00010002h",
           "UNABLE_ASSOCIATE_CHANNEL": "00010003h",
           "UNSUPPORTED_DESCRIPTOR_FMT": "00010004h",
           "CHANNEL_LIMIT_REACHED": "00010006h"}


def told_reasons(part):
    """Words and reason of each refusal in the table: its cells go over lines."""
    cells = []
    for line in part.split("\n=====", 2)[2].split("\n=====")[0].splitlines()[1:]:
        if line[:9].strip():
            cells.append([line[:9], ""])
        cells[-1][1] += " " + line[12:51].strip()
    for reason, words in cells:
        for word in re.sub(r"\s+", " ", words).split(","):
            yield re.sub(": .*", "", word.strip()), reason


def check_reasons():
    admin = TEXT["Documentation/administration.rst"]
    part = admin.split("\nRefused logins\n", 1)[1].split("\nSizing\n", 1)[0]
    told = set(told_reasons(part))
    said = {(name, REASONS.get(reason, reason)) for name, reason in re.findall(
        r'\{ "([^"]+)",\s*SRP_LOGIN_REJ_(\w+)', DRIVER["srp_iu.c"])}
    ok("refused logins, in words and numbers, are those that are documented (%d)" %
       len(said), sorted(told ^ said) or ([] if len(said) > 10 else ["none found"]))


def blocks(text, indent):
    """Line number and mark of each block that is set off from the text."""
    mark = inside = None
    for number, line in enumerate(text.splitlines(), 1):
        found = re.search(r"^(?:<!--|\.\.) ((?:not run|run|file): .*?)(?: -->)?$",
                          line)
        if found:
            mark = found.group(1)
        if line and not line.startswith(indent):
            inside = False
        elif line and not inside:
            inside = True
            yield number, mark
            mark = None


def check_blocks():
    """Each block is typed by a scenario or demo, or says why it is not."""
    problems = []
    names = []
    for path, indent in (("README.md", "    "),
                         ("Documentation/administration.rst", "\t"),
                         ("Documentation/high-availability.rst", "\t")):
        for number, mark in blocks(TEXT[path], indent):
            if not mark:
                problems.append("%s:%d has no mark" % (path, number))
            elif not mark.startswith("not run"):
                names.append(mark.split(": ")[1])
    used = set()
    for path in glob.glob("tests/scenarios/*.sh"):
        used |= set(re.findall(r"\bdoc_(?:block|file|run|until [\w-]+ \d+) ([a-z-]+)",
                               read(path)))
    used |= set(re.findall(r"\bdoc_(?:file|put|run) ([a-z][a-z-]+)",
                           read("tests/lib/boot-guest")))
    for path in glob.glob("scripts/demo-ha*") + glob.glob("scripts/ha-*.sh"):
        used |= set(re.findall(r"\bdoc(?:_block|_file|_run)? ([a-z-]+)",
                               read(path)))
    problems += ["%s: there are two" % n for n in set(names)
                 if names.count(n) > 1]
    problems += ["%s: no scenario runs it, or there is none" % n
                 for n in sorted(set(names) ^ used)]
    ok("each block of commands is run by a scenario, or says why not (%d)" %
       len(names), problems or ([] if len(names) >= 20 else ["hardly any"]))


def check_dashboard():
    """Grafana's, whose metrics scenario view-sessions looks for."""
    path = "scripts/srpt-dashboard.json"
    problems = []
    try:
        for panel in json.loads(read(path))["panels"]:
            if not [t["expr"] for t in panel["targets"]]:
                problems.append("%s shows nothing" % panel["title"])
    except (ValueError, KeyError) as error:
        problems.append("%s: %r" % (path, error))
    ok("the dashboard is one", problems)


def bare(line):
    """A line of the log without what differs: 0 for each of that."""
    line = re.sub(r"(?:0x)?%[0-9.*]*(?:pe|phN|l*[a-z])|<[^>]*>", "\\0", line)
    line = re.sub("\0+", "\0", line.replace("0x\0", "\0"))
    return " ".join(re.sub("^\0: ", "", line).split())


def check_log():
    admin = TEXT["Documentation/administration.rst"]
    part = admin.split("\nThe log\n", 1)[1].split("\nRefused logins\n", 1)[0]
    cells = re.findall(r"^   \* - (``.*?)^     - ", part, re.M | re.S)
    told = {bare(w) for c in cells for w in quoted(c)}
    calls = re.findall(r'\bpr_(?:err|warn|info)(?:_ratelimited)?'
                       r'\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', CODE)
    said = {bare("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', c))
                 .replace("\\n", "").replace('\\"', '"')) for c in calls}
    ok("lines of the log are those that are documented (%d)" % len(said),
       [s.replace("\0", "<>") for s in sorted(told ^ said)] or
       ([] if len(said) > 30 else ["hardly any found"]))


FACTS = [
    ("SRPT_MAX_CHANNELS", ["administration.rst", "security.rst",
                           "design.rst"]),
    ("SRPT_QUEUE_DEPTH", ["administration.rst", "security.rst",
                          "design.rst"]),
    ("SRP_MAX_TABLE", ["security.rst", "design.rst"]),
    ("SRPT_SQ_FLOOR", ["administration.rst", "design.rst"]),
]
TIMES = [("SRPT_LOGIN_TIMEOUT", "20"), ("SRPT_PROBE_INTERVAL", "15"),
         ("SRPT_LOGOUT_TIMEOUT", "1"), ("SRPT_DRAIN_TIMEOUT", "10")]


def check_facts():
    problems = []
    for name, files in FACTS:
        for f in files:
            problems += lacks("%s (%s)" % (f, name),
                              TEXT["Documentation/" + f], [value_of(name)])
    for name, seconds in TIMES:
        if not re.search(r"#define %s\s+\(%s \* HZ\)" % (name, seconds), CODE):
            problems.append("%s is not %s s any more" % (name, seconds))
    if not re.search(r"SRP_MAX_DATA\s+= 16 << 20", CODE):
        problems.append("SRP_MAX_DATA is not 16 MiB any more")
    for name in set(re.findall(r"``(SRPT?_[A-Z_]+)``", DOC)):
        if name not in CODE and not name.startswith("SRP_LOGIN_REJ"):
            problems.append("%s is not in the driver" % name)
    ok("numbers in the text are those of the driver", problems)


def check_functions():
    design = TEXT["Documentation/design.rst"]
    part = design.split("\nFunctions\n", 1)[1].split("\nDecisions\n", 1)[0]
    rows = re.findall(r"^   \* - ``(\w+)``\n     - ``([\w.]+)``", part, re.M)
    problems = []
    for name, path in rows:
        definition = re.compile(r"^(?!\t)[\w *]*\b%s\([^;{]*?\)\n\{" % name,
                                re.M | re.S)
        if not definition.search(DRIVER.get(path, "")):
            problems.append("%s is not defined in %s" % (name, path))
        elif not re.search(r"/\*\*\n \* %s - " % name, DRIVER[path]):
            problems.append("%s has no kernel-doc" % name)
    ok("functions of the table are where it says, with kernel-doc", problems)
    ok("there are 52 of them", [] if len({r[0] for r in rows}) == 52 else
       ["%d" % len(rows)])
    ok("functions that are named exist",
       sorted({w for w in re.findall(r"``(srp[t]?_\w+)\(\)``", DOC)
               if not re.search(r"\b%s\(" % w, CODE)}))
    ok("every source has its room",
       [f for f in DRIVER if "``%s``" % f not in
        design.split("\nThe rooms\n", 1)[1].split("\nThe objects", 1)[0]])


def check_syntax():
    try:
        import docutils  # noqa: F401
    except ImportError:
        for name in RST:
            global count
            count += 1
            print("ok %d - %s # SKIP python3-docutils is missing" %
                  (count, name))
        return
    for name in RST:
        run = subprocess.run(
            [sys.executable, "-c",
             "import sys, docutils.core as c;"
             "c.publish_file(source_path=sys.argv[1],"
             "destination_path='/dev/null', writer_name='null',"
             "settings_overrides={'report_level': 1})", name],
            stderr=subprocess.PIPE, universal_newlines=True, check=False)
        ok("%s is well formed" % name, run.stderr.splitlines())


def check_abi():
    for name in ABI:
        problems = []
        for entry in re.split(r"\n(?=What:)", TEXT[name]):
            if not re.match(r"What:\t\t/sys/\S+\n(What:.*\n)*Date:\t\t\w+ 20\d\d\n"
                            r"KernelVersion:\t[0-9.]+\nContact:\t\S.*\n"
                            r"Description:\t\S", entry):
                problems.append(entry.split("\n")[0])
        ok("%s has paths, dates, contacts and descriptions" % name, problems)


for check in (check_syntax, check_abi, check_paths, check_index,
              check_promises, check_differences, check_scenarios,
              check_parameters, check_attributes, check_debugfs, check_traces,
              check_reasons, check_blocks, check_log, check_dashboard,
              check_facts, check_functions):
    check()
print("1..%d" % count)
sys.exit(failed > 0)
