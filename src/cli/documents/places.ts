/** The pages that say more on an error code, or on a command. */
import type { ErrorCode } from "../../core/errors/errors.ts";
import type { DocumentPlace } from "./document-path.ts";

const TO_A_STACK = { page: "cli.md", section: "Requests to a stack" };
const API_ERRORS = { page: "api.md", section: "Errors" };
const ENDS = { page: "options.md", section: "How a batch ends" };
const DEPLOY = { page: "aws.md", section: "Deploy" };

/** The table in docs/errors.md has the same; a test compares them. */
export const PLACES_OF_CODES: Readonly<Record<ErrorCode, DocumentPlace>> = {
  ITEM_UNREADABLE: { page: "input.md", section: "Policy" },
  ITEM_INVALID: { page: "jobs.md", section: "Group and sum rows" },
  ITEM_FAILED: { page: "options.md", section: "Retries" },
  ITEM_TIMEOUT: { page: "options.md", section: "Timeouts" },
  ITEM_CRASHED: { page: "guarantees.md", section: "Bad items" },
  ITEM_NOT_JSON: { page: "joins.md", section: "Values" },
  JOIN_FAILED: { page: "joins.md", section: "Values" },
  SETUP_FAILED: { page: "options.md", section: "setup and teardown" },
  CHUNK_FAILED: { page: "guarantees.md", section: "Limits" },
  MERGE_FAILED: { page: "joins.md", section: "Rules of a fold" },
  JOIN_TOO_LARGE: { page: "joins.md", section: "Memory" },
  TOO_MANY_FAILURES: ENDS,
  DEADLINE_EXCEEDED: ENDS,
  COST_EXCEEDED: ENDS,
  CANCELLED: ENDS,
  INPUT_NOT_FOUND: { page: "cli.md", section: "Inputs" },
  INPUT_CHANGED: { page: "guarantees.md", section: "What always holds" },
  INPUT_INVALID: { page: "input.md", section: "Policy" },
  INPUT_FORBIDDEN: { page: "aws.md", section: "Starting batches" },
  INPUT_NOT_RESUMABLE: { page: "jobs.md", section: "A source of your own" },
  JOB_INVALID: { page: "options.md", section: "Job options" },
  BATCH_UNKNOWN: { page: "cli.md", section: "The command line" },
  BATCH_CONFLICT: { page: "cli.md", section: "Options" },
  REDRIVE_FAILED: { page: "guarantees.md", section: "Redrive" },
  BATCH_NOT_READY: { page: "cli.md", section: "Outputs while the batch runs" },
  RESULT_UNKNOWN: { page: "cli.md", section: "States" },
  JOB_UNKNOWN: DEPLOY,
  REQUEST_INVALID: API_ERRORS,
  REQUEST_TOO_LARGE: API_ERRORS,
  REQUEST_FORBIDDEN: TO_A_STACK,
  TOO_MANY_REQUESTS: API_ERRORS,
  INTERNAL: { page: "aws.md", section: "Operating it" },
  AWS_REFUSED: TO_A_STACK,
  AWS_UNREACHABLE: TO_A_STACK,
  STACK_UNKNOWN: DEPLOY,
  ENDPOINT_UNUSABLE: TO_A_STACK,
  DIRECTORY_IN_USE: { page: "cli.md", section: "Two commands in one directory" },
  DIRECTORY_UNUSABLE: { page: "guarantees.md", section: "State directories" },
  RESULT_DIFFERS: { page: "testing.md", section: "Every cut" },
  USAGE: { page: "cli.md", section: "Options" },
};

const REMOVING = { page: "cli.md", section: "Removing batches" };
const COMMANDS = { page: "cli.md", section: "The command line" };

const PLACES_OF_COMMANDS: Readonly<Record<string, DocumentPlace>> = {
  init: { page: "cli.md", section: "A new project" },
  run: { page: "cli.md", section: "Options" },
  failed: { page: "cli.md", section: "Failed items" },
  result: { page: "cli.md", section: "Files" },
  watch: { page: "cli.md", section: "Outputs while the batch runs" },
  show: { page: "cli.md", section: "States" },
  list: { page: "cli.md", section: "States" },
  resume: { page: "guarantees.md", section: "Crashes" },
  redrive: { page: "guarantees.md", section: "Redrive" },
  pull: { page: "cli.md", section: "A failure of production here" },
  rm: REMOVING,
  prune: REMOVING,
  submit: { page: "cli.md", section: "Uploads of submit" },
  report: { page: "cli.md", section: "The report" },
  ui: { page: "cli.md", section: "The page" },
  dev: { page: "cli.md", section: "fanjoin dev: the API on your machine" },
};

/** Commands without a section of their own have the list of all of them. */
export function placeOfCommand(name: string): DocumentPlace {
  return (Object.hasOwn(PLACES_OF_COMMANDS, name) ? PLACES_OF_COMMANDS[name] : null) ?? COMMANDS;
}
