/** The form that starts a batch: a file or an object, the params of the job, the size of a chunk. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Json, JsonObject } from "../../core/json/json.ts";
import { bytes } from "../../format.ts";
import { address, asRefusal, post } from "../live/api.ts";
import { batchPath } from "../live/routes.ts";
import type { Site } from "../live/site.ts";
import { CopyButton } from "../parts/copy-button.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { JobView } from "../../api/answers.ts";
import { DropZone } from "./drop-zone.ts";
import { fieldOfError, paramsOf, presetText, wholeNumber } from "./form-values.ts";
import type { Typed } from "./form-values.ts";
import { quoted } from "./curl.ts";
import { handedOver } from "./handed-file.ts";
import { ParamField } from "./param-field.ts";
import { acceptsText, exampleFile } from "./reader-words.ts";
import { fieldsOf } from "./schema-words.ts";
import type { FormField } from "./schema-words.ts";
import { upload } from "./upload.ts";
import type { PageUpload } from "./upload.ts";

const CHUNK = "Items in a chunk";
/** Where the schema has no properties, params are written as JSON. */
const WHOLE: FormField = {
  name: "params",
  kind: "json",
  required: false,
  preset: null,
  options: [],
  hint: "JSON. May be left empty.",
};

export interface BatchFormProps {
  readonly site: Site;
  readonly job: JobView;
  /** What the form would send now, for a `curl` line. */
  readonly onBody: (body: JsonObject) => void;
}

export function BatchForm({ site, job, onBody }: BatchFormProps): JSX.Element {
  const isGiven = job.input === "given";
  const known = job.schemas.params === null ? [] : fieldsOf(job.schemas.params);
  const fields = known ?? [WHOLE];
  const [file, setFile] = useState<File | null>(() => handedOver());
  const [object, setObject] = useState("");
  const [typed, setTyped] = useState<Typed>({});
  const [chunk, setChunk] = useState("");
  const [errors, setErrors] = useState<{ readonly [name: string]: string }>({});
  const [sent, setSent] = useState<number | null>(null);
  const [isStarting, setStarting] = useState(false);
  const uploading = useRef<PageUpload | null>(null);
  const isStack = site.place.value?.kind === "stack";

  const paramsNow = (): { readonly params?: Json } => {
    const read = paramsOf(fields, typed);
    if (read.errors) throw new FieldErrors(read.errors);
    if (job.schemas.params === null) return {};
    const params = known === null ? read.params["params"] : read.params;
    return params === undefined ? {} : { params };
  };
  useEffect(() => {
    const read = paramsOf(fields, typed);
    onBody(
      read.errors || job.schemas.params === null
        ? {}
        : { params: known === null ? (read.params["params"] ?? null) : read.params },
    );
  }, [typed]);

  const send = async (): Promise<void> => {
    const params = paramsNow();
    const items = sizeOf(chunk);
    if (isGiven && !file && object.trim() === "")
      throw new FieldErrors({ input: isStack ? "choose a file, or name an object" : "choose a file" });
    const input = isGiven ? { input: { object: file ? await uploaded(file) : object.trim() } } : {};
    const body = { ...input, ...params, ...(items === null ? {} : { chunk: { items } }) };
    const { batch } = await post<BatchSummary>(address("jobs", job.job, "batches"), body);
    site.go(batchPath(batch));
  };
  const uploaded = async (chosen: File): Promise<string> => {
    setSent(0);
    uploading.current = upload(job.job, chosen, setSent);
    try {
      return await uploading.current.done;
    } finally {
      uploading.current = null;
      setSent(null);
    }
  };
  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setErrors({});
    setStarting(true);
    try {
      await send();
    } catch (error) {
      setErrors(errorsOf(error, fields));
    }
    setStarting(false);
  };
  return h(
    "form",
    { class: "inner form", noValidate: true, onSubmit: (event: Event) => void onSubmit(event) },
    isGiven &&
      h(FileInput, {
        job,
        file,
        sent,
        isStack,
        error: errors["input"] ?? null,
        onFile: setFile,
        onStop: () => uploading.current?.stop(),
        object,
        onObject: setObject,
      }),
    h(
      "div",
      { class: "fields" },
      ...fields.map((field) =>
        h(ParamField, {
          key: field.name,
          field,
          value: typed[field.name] ?? presetText(field),
          error: errors[field.name] ?? null,
          onInput: (value) => setTyped({ ...typed, [field.name]: value }),
        }),
      ),
      h(ParamField, {
        field: {
          name: CHUNK,
          kind: "number",
          required: false,
          preset: null,
          options: [],
          hint: "Learned if left empty.",
        },
        value: chunk,
        error: errors[CHUNK] ?? null,
        onInput: setChunk,
      }),
    ),
    errors[""] !== undefined && h("p", { class: "bad form-error", role: "alert" }, errors[""]),
    h(
      "div",
      { class: "form-foot" },
      h(
        "button",
        { type: "submit", class: "button primary", disabled: isStarting },
        isStarting ? "Starting…" : "Start the batch",
      ),
      h(CopyButton, {
        text: commandText(job, file, fields, typed),
        label: "Copy it as a command",
        word: "Copy it as a command",
      }),
    ),
  );
}

/** Sentences by the name of their field. `""`: they are about none of them. */
class FieldErrors extends Error {
  readonly fields: { readonly [name: string]: string };

  constructor(fields: { readonly [name: string]: string }) {
    super(Object.values(fields).join("; "));
    this.fields = fields;
  }
}

function sizeOf(chunk: string): number | null {
  try {
    return wholeNumber(chunk);
  } catch (error) {
    throw new FieldErrors({ [CHUNK]: error instanceof Error ? error.message : String(error) });
  }
}

function errorsOf(error: unknown, fields: readonly FormField[]): { readonly [name: string]: string } {
  if (error instanceof FieldErrors) return error.fields;
  const { message, code } = asRefusal(error);
  const text = code === null ? message : `${message} [${code}]`;
  return {
    [fieldOfError(
      message,
      fields.map(({ name }) => name),
    ) ?? ""]: text,
  };
}

/** The command that starts the same batch. */
function commandText(job: JobView, file: File | null, fields: readonly FormField[], typed: Typed): string {
  const read = paramsOf(fields, typed);
  const params =
    read.errors || job.schemas.params === null ? "" : ` --params ${quoted(JSON.stringify(read.params))}`;
  const input =
    job.input === "own" ? "" : ` ${quoted(file?.name ?? exampleFile(job)).replace(/^'([\w./-]+)'$/, "$1")}`;
  return `fanjoin submit ${job.job}${input}${params}`;
}

interface FileInputProps {
  readonly job: JobView;
  readonly file: File | null;
  readonly sent: number | null;
  readonly isStack: boolean;
  readonly error: string | null;
  readonly onFile: (file: File) => void;
  readonly onStop: () => void;
  readonly object: string;
  readonly onObject: (object: string) => void;
}

function FileInput({
  job,
  file,
  sent,
  isStack,
  error,
  onFile,
  onStop,
  object,
  onObject,
}: FileInputProps): JSX.Element {
  return h(
    "div",
    null,
    h(
      DropZone,
      { onFile, button: "button", word: file ? "Choose another file" : "Choose a file" },
      file
        ? h(
            "p",
            { class: "num" },
            h("strong", null, file.name),
            h(
              "span",
              { class: "soft" },
              ` ${sent === null ? bytes(file.size) : `${bytes(sent)} of ${bytes(file.size)} sent`}`,
            ),
            sent !== null && h("button", { type: "button", class: "as-link", onClick: onStop }, "Stop"),
          )
        : h("p", { class: "soft" }, `or drop it here; ${acceptsText(job)}`),
    ),
    isStack &&
      !file &&
      h(ParamField, {
        field: {
          name: "Object",
          kind: "text",
          required: false,
          preset: null,
          options: [],
          hint: "Or an object that is there: s3://bucket/key.",
        },
        value: object,
        error: null,
        onInput: onObject,
      }),
    error !== null && h("p", { class: "bad form-error", role: "alert" }, error),
  );
}
