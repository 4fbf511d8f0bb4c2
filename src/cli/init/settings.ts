/** The files of a new project that are settings, not code. */
import type { Template } from "./templates.ts";

/** The versions that fanjoin itself is tested with. */
export const VERSIONS = {
  "@types/node": "24.19.2",
  "aws-cdk": "2.1148.1",
  "aws-cdk-lib": "2.276.0",
  constructs: "10.8.1",
  esbuild: "0.28.2",
  typescript: "7.0.2",
  zod: "4.6.7",
} as const;

type Package = keyof typeof VERSIONS;

const DEVELOPMENT: readonly Package[] = ["@types/node", "typescript"];
const DEPLOYMENT: readonly Package[] = ["aws-cdk", "aws-cdk-lib", "constructs", "esbuild"];

export interface ProjectSettings {
  /** The package's name. */
  readonly name: string;
  readonly template: Template;
  /** Whether the project can be deployed. */
  readonly cdk: boolean;
  /** What the manifest says of fanjoin: its version, or a packed file. */
  readonly fanjoin: string;
}

/** Texts by the names of their files. */
export function settingsFiles(settings: ProjectSettings): { readonly [file: string]: string } {
  return {
    "package.json": json(manifest(settings)),
    "tsconfig.json": json(TSCONFIG),
    ".gitignore": "node_modules/\n.fanjoin/\ncdk.out/\n",
    ...(settings.cdk && { "cdk.json": json({ app: "node app.ts" }) }),
  };
}

function manifest({ name, template, cdk, fanjoin }: ProjectSettings): object {
  return {
    name,
    private: true,
    type: "module",
    engines: { node: ">=24" },
    scripts: {
      start: template.start,
      test: "node --test",
      check: "tsc",
      ...(cdk && { synth: "cdk synth --quiet", deploy: "cdk deploy" }),
    },
    dependencies: { fanjoin, ...versions(template.packages) },
    devDependencies: versions(cdk ? [...DEVELOPMENT, ...DEPLOYMENT].toSorted() : DEVELOPMENT),
    // Its script only checks what is installed; npm asks about every script that is not named here.
    ...(cdk && { allowScripts: { esbuild: false } }),
  };
}

/** Node runs the files as they are: it takes types away, and needs nothing that would have to be compiled. */
const TSCONFIG = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  },
};

function versions(names: readonly Package[]): { readonly [name: string]: string } {
  return Object.fromEntries(names.map((name) => [name, VERSIONS[name]]));
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
