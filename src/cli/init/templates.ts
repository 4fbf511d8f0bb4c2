/** The templates of `fanjoin init`. Their files are in `examples/templates/`. */

export interface Template {
  /** What a job of this kind reads. */
  readonly about: string;
  /** The `name` in its job file. */
  readonly job: string;
  /** What `npm start` runs. */
  readonly start: string;
  /** Packages that its files import, besides fanjoin. */
  readonly packages: readonly "zod"[];
}

export const TEMPLATES = {
  csv: {
    about: "rows of CSV files, added up by group",
    job: "sales-by-country",
    start: "fanjoin run job.ts orders.csv",
    packages: ["zod"],
  },
  parquet: {
    about: "rows of Parquet files, by some of their columns",
    job: "parquet-sales",
    start: "fanjoin run job.ts orders.parquet",
    packages: ["zod"],
  },
  http: {
    about: "a request to a web service for every line of a file",
    job: "weather",
    start: "node start.ts",
    packages: ["zod"],
  },
  files: {
    about: "the files of a folder",
    job: "text-lengths",
    start: "fanjoin run job.ts texts",
    packages: [],
  },
  range: {
    about: "numbers: a computation cut into blocks",
    job: "palindromes",
    start: "fanjoin run job.ts",
    packages: [],
  },
  generator: {
    about: "items that a function of the job makes",
    job: "the-13th",
    start: "fanjoin run job.ts",
    packages: [],
  },
} as const satisfies { readonly [name: string]: Template };

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];
