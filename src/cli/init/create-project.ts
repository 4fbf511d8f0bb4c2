/** Writes a new project. */
import { lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { namesText, reasonOf, usage } from "../../core/errors/errors.ts";
import { OWN_FOLDER, ownSpecifier } from "../own-package.ts";
import { settingsFiles } from "./settings.ts";
import { TEMPLATES } from "./templates.ts";
import type { TemplateName } from "./templates.ts";

const FOLDER = join(OWN_FOLDER, "examples/templates");
/** The most files that a message names. */
const MOST_NAMES = 10;

export interface NewProject {
  readonly directory: string;
  readonly template: TemplateName;
  readonly cdk: boolean;
}

/**
 * Writes the files of a project and returns their names, sorted. Nothing is written if one of them exists:
 * that is `USAGE`, as is a directory that cannot be written.
 */
export function createProject({ directory, template, cdk }: NewProject): string[] {
  const name = packageName(directory);
  const { job } = TEMPLATES[template];
  const files = {
    ...templateFiles(template),
    ...(cdk && { "app.ts": appFile(stackName(name), job) }),
    ...settingsFiles({ name, template: TEMPLATES[template], cdk, fanjoin: ownSpecifier() }),
  };
  const names = Object.keys(files).toSorted();
  const existing = names.filter((file) => exists(join(directory, file)));
  if (existing.length > 0) {
    throw usage(
      `init would overwrite ${namesText(existing, MOST_NAMES)} in ${directory}; nothing was written. Name another directory, or move these away`,
    );
  }
  for (const [file, content] of Object.entries(files)) write(join(directory, file), content);
  return names;
}

/** Contents by the names of their files. A sample input may be binary. */
function templateFiles(name: TemplateName): { readonly [file: string]: Buffer } {
  const folder = join(FOLDER, name);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path)]));
}

function appFile(stack: string, job: string): string {
  const text = readFileSync(join(FOLDER, "cdk/app.ts"), "utf8");
  return text.replace("stack-name", stack).replace("job-name", job);
}

/** The name of the directory, as npm accepts it. */
function packageName(directory: string): string {
  const name = basename(resolve(directory))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-");
  return name.replaceAll(/^[._-]+|-+$/g, "") || "batch";
}

/** As CloudFormation accepts it: letters, digits and dashes, a letter first. */
function stackName(name: string): string {
  const text = name.replaceAll(/[^a-z0-9-]+/g, "-");
  return /^[a-z]/.test(text) ? text : `stack-${text}`;
}

/** A link that leads nowhere exists, too. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Something on the way is no directory: writing says what.
    return false;
  }
}

function write(path: string, content: string | Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Never over a file that came up meanwhile.
    writeFileSync(path, content, { flag: "wx" });
  } catch (error) {
    throw usage(`${path} cannot be written: ${reasonOf(error)}`);
  }
}
