/** Runs the programs of docs/from-python.md as they stand there, where Python is installed. */
import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ROOT, workspace } from "./cli/command.ts";
import { TOKEN, startDev } from "./dev/dev-process.ts";
import { runProgram } from "./examples/program.ts";
import { codeBelow, project } from "./project.ts";

const PAGE = readFileSync(join(ROOT, "docs/from-python.md"), "utf8");

function lacks(...modules: readonly string[]): boolean {
  return spawnSync("python3", ["-c", `import ${modules.join(", ")}`]).status !== 0;
}

/** Runs a program against a `fanjoin dev` with the job that its comment names. */
async function submit(program: string, token = TOKEN) {
  const dev = await startDev(workspace(), join(ROOT, "examples/from-python/sharing/counter.ts"));
  return runProgram("python3", [join(ROOT, "examples/programs", program), dev.base], {
    cwd: workspace().path,
    env: { FANJOIN_TOKEN: token },
    onFinished: onTestFinished,
  });
}

const PRINTED = [
  "completed-with-failures 1 of 2",
  "{'Norway': {'orders': 1, 'cents': 420}}",
  expect.stringContaining('"code":"ITEM_INVALID"') as string,
  "",
];

test.skipIf(lacks("requests"))(
  "submit.py starts a batch and prints its result (needs requests)",
  async () => {
    const { code, stdout, stderr } = await submit("submit.py");
    expect({ code, stderr, lines: stdout.split("\n") }).toEqual({ code: 0, stderr: "", lines: PRINTED });
  },
);

test.skipIf(lacks("sys"))(
  "submit_stdlib.py starts a batch and prints its result (needs python3)",
  async () => {
    const { code, stdout, stderr } = await submit("submit_stdlib.py");
    expect({ code, stderr, lines: stdout.split("\n") }).toEqual({ code: 0, stderr: "", lines: PRINTED });
  },
);

test.skipIf(lacks("sys"))("a wrong token is a sentence that says so (needs python3)", async () => {
  const { code, stderr } = await submit("submit_stdlib.py", "wrong");
  expect(code).toBe(1);
  expect(stderr).toContain("REQUEST_FORBIDDEN");
});

test("the page shows the program as it is, and what it prints", () => {
  expect(PAGE).toContain(readFileSync(join(ROOT, "examples/programs/submit.py"), "utf8").trim());
  for (const line of PRINTED.slice(0, 2)) expect(PAGE).toContain(`\n${line}\n`);
});

test.skipIf(lacks("datamodel_code_generator", "mypy", "typing_extensions"))(
  "mypy finds a misspelt field by the API's description (needs datamodel-code-generator and mypy)",
  async () => {
    const dev = await startDev(workspace(), join(ROOT, "examples/from-python/sharing/counter.ts"));
    const at = project();
    at.write("openapi.json", await (await dev.fetch("/openapi.json")).text());
    const [, , generate = ""] = codeBelow(PAGE, "By HTTP", "sh").split("\n").slice(0, 3);
    expect(at.shell(generate)).toMatchObject({ code: 0 });
    const [, typed = ""] = /```python\n(from typing[^]*?)```/.exec(PAGE) ?? [];
    const use = `\n\nbatch = submit(requests.Session(), "http://127.0.0.1", {"input": {"items": []}})\n`;
    at.write("right.py", `${typed}${use}print(batch["state"])\n`);
    at.write("wrong.py", `${typed}${use}print(batch["stat"])\n`);
    expect(at.shell("python3 -m mypy --ignore-missing-imports right.py")).toMatchObject({ code: 0 });
    expect(at.shell("python3 -m mypy --ignore-missing-imports wrong.py")).toMatchObject({
      code: 1,
      said: expect.stringContaining('TypedDict "Batch" has no key "stat"') as string,
    });
  },
);

test.skipIf(lacks("sys"))("JSON lines go to a job and back (needs python3)", () => {
  const at = project();
  symlinkSync(join(ROOT, "node_modules/zod"), join(at.path, "node_modules/zod"), "junction");
  at.write("squares.ts", codeBelow(PAGE, "By files: JSON lines", "ts"));
  at.write("squares.py", codeBelow(PAGE, "By files: JSON lines", "python"));
  const { code, said } = at.shell("python3 squares.py");
  expect(said).toContain("{'total': 3, 'succeeded': 2, 'failed': 1, 'skipped': 0}\n{'a': 9, 'c': 16}\n");
  expect(code).toBe(0);
});
