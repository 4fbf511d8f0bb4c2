import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { pathHider } from "../../../src/dev/http/hidden-paths.ts";

test("paths of this machine become names that callers know", () => {
  const hide = pathHider([
    ["/home/me/project/uploads", "s3://local/uploads"],
    ["/home/me/project", ""],
    ["/home/me", "~"],
  ]);
  expect(hide("There is no file /home/me/project/uploads/sales/a.csv.")).toBe(
    "There is no file s3://local/uploads/sales/a.csv.",
  );
  expect(hide("at file:///home/me/project/sales.ts:3:5")).toBe("at sales.ts:3:5");
  expect(hide("open '/home/me/.config/x'")).toBe("open '~/.config/x'");
  expect(hide("scandir '/home/me/project'")).toBe("scandir '.'");
});

test("the path of another file keeps its last part only; the path of a request is no file", () => {
  const hide = pathHider([]);
  const temporary = `${realpathSync(tmpdir())}/some/where/x.csv`;
  expect(hide(`cannot read ${temporary}: no`)).toBe("cannot read …/x.csv: no");
  expect(hide(`cannot read ${pathToFileURL(temporary).href}`)).toBe("cannot read …/x.csv");
  expect(hide(`cannot read ${realpathSync(tmpdir())}/…/me/x.csv`)).toBe("cannot read …/x.csv");
  for (const said of [
    "upload the input (POST /jobs/{job}/uploads), and give its URL",
    "use http://127.0.0.1:4747/batches/01K/result",
    "s3://local/inputs/tmp/a.csv is a link",
    "application/json or a/b/c",
  ]) {
    expect(hide(said)).toBe(said);
  }
});

test("a folder behind a link is known by both of its paths", () => {
  const at = mkdtempSync(join(realpathSync(tmpdir()), "fanjoin-hidden-"));
  onTestFinished(() => rmSync(at, { recursive: true }));
  mkdirSync(join(at, "real"));
  symlinkSync(join(at, "real"), join(at, "link"));
  const hide = pathHider([[join(at, "link"), "here"]]);
  expect(hide(`${at}/link/a and ${at}/real/b`)).toBe("here/a and here/b");
});
