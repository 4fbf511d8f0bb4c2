/** The threads of one job: a runner that spreads requests over them, and replaces one that dies. */
import { SILENT_MS, watchSilence } from "../guard/silence.ts";
import { drain, itemsIn, runningIn, startThread, takePending } from "./thread.ts";
import type { PoolAnswer, ThreadEnd, Thread, ThreadEvents } from "./thread.ts";
import { endedLoading, fellSilent } from "../loading/never-ready.ts";
import { answerLimits } from "../thread-limits.ts";
import { ThreadDied } from "../watching/thread-died.ts";
import { tuneFor } from "./v8-flags.ts";
import { watchThreads } from "../watching/watch-threads.ts";
import { cutTail, isIdle } from "./cut-tail.ts";
import { endThread, isSetUp } from "../watching/end-thread.ts";
import { isSettingUp } from "../watching/post-mortem.ts";
import type { DescribedJob } from "../../../job/describe-job.ts";
import { SETUP_MS } from "../../../runner/own.ts";
import { ItemDied } from "../../../runner/poison/item-died.ts";
import type { ChunksEvents } from "../../../runner/runner.ts";
import { SetupFailed } from "../../../runner/setup-failed.ts";
import { removeThreadJournal } from "../thread-journal.ts";
import { owed, replyIn, threadRunner } from "./thread-runner.ts";
import type { MakeCall } from "./thread-runner.ts";
import { INTERRUPTED, revive } from "../thread-messages.ts";
import type { Answer, Call, ThreadError } from "../thread-messages.ts";
import type { ThreadPoolOptions, ThreadPool } from "./pool-options.ts";
import { freeNumber, isFreer } from "./freest.ts";
import { Growth, SLOW_LOAD_MS } from "./growth.ts";
import { PoolWarnings } from "./pool-warnings.ts";

export function startThreadPool(options: ThreadPoolOptions): ThreadPool {
  const threads: Thread[] = [];
  /** The ends of threads that were replaced and have not ended yet. */
  const leaving = new Set<Promise<unknown>>();
  const { setupTimeoutMs = SETUP_MS } = options;
  let { count } = options;
  let lastId = 0;
  /** Answers that threads have announced, by their ids. */
  const announced = new Map<number, Promise<Answer>>();
  let started = 0;
  let closed = false;
  /** Why the job cannot be loaded. No thread is started again then. */
  let broken: Error | null = null;
  let loaded = false;
  /** Of the job, once it is known. */
  let name: string | null = null;
  const warnings = new PoolWarnings(options);
  /** Requests up to this one are interrupted, also in threads that start later. */
  let interruptedUpTo = 0;
  /** The most threads at a time so far. */
  let most = 0;
  /** Failures of the job's `setup` since it last succeeded, in all threads. */
  let setupFailures = 0;
  let watching: NodeJS.Timeout | undefined;
  const ready = Promise.withResolvers<DescribedJob>();
  // The job may not be asked for; each request fails with the same error.
  ready.promise.catch(() => undefined);

  const events: ThreadEvents = {
    answer: receive,
    log: options.onLog,
    stray: () => warnings.stray(name),
    limits: (thread, request) => void answerLimits(options.limits, request, thread.port),
    exit: (thread, evidence) => bury(thread, { culprit: runningIn(thread), ...evidence }),
  };

  function start(): void {
    const { jobFile, directory, segmentPrefix, inChild = false, schemas = false, dryRun = false } = options;
    const segmentName = `${segmentPrefix}-${started++}`;
    const limited = options.limits !== undefined && !dryRun;
    const setup = { jobFile, directory, segmentName, inChild, schemas, dryRun, setupTimeoutMs, limited };
    const thread = startThread(setup, freeNumber(threads), events);
    Atomics.store(thread.state, INTERRUPTED, interruptedUpTo);
    threads.push(thread);
    most = Math.max(most, threads.length);
  }

  /** How many more threads may start. */
  const unstarted = (): number => (broken || closed ? 0 : Math.max(0, count - threads.length));

  /** Starts threads until there are so many, as far as they may start. */
  function startUpTo(wanted: number): void {
    while (threads.length < wanted && unstarted() > 0) start();
  }

  /** Starts the threads that run although there may be no work for them. */
  const startWanted = (): void => startUpTo(options.onDemand === true ? 1 : count);

  const growth = new Growth({
    isScarce: () => unstarted() > 0 && threads.every(({ pending }) => pending.size > 0),
    grow: () => startUpTo(threads.length + 1),
  });

  const idle = (): number => threads.filter(isIdle).length + unstarted();

  /** No thread of this job is started again. */
  function giveUp(error: Error): void {
    broken ??= error;
    ready.reject(broken);
    growth.end();
  }

  function hear(thread: Thread): void {
    const time = `${Math.round((options.silentMs ?? SILENT_MS) / 1000)} s`;
    if (!loaded) giveUp(fellSilent(options.jobFile, time));
    replace(thread, { reason: `it was silent for ${time}`, culprit: null, death: null });
  }

  function watch(itemTimeoutMs: number): void {
    if (watching || closed) return;
    watching = watchThreads(threads, { itemTimeoutMs, setupTimeoutMs }, replace);
  }

  /** Ends threads that are too many and have nothing to do. */
  function trim(): void {
    for (const thread of threads.slice(count)) {
      if (thread.pending.size > 0) continue;
      threads.splice(threads.indexOf(thread), 1);
      removeThreadJournal(options.directory, thread.name);
      const ended = endThread(thread).finally(() => leaving.delete(ended));
      leaving.add(ended);
    }
  }

  function receive(thread: Thread, answer: PoolAnswer): void {
    hearAnswer(thread, answer);
    if (thread.pending.size === 0) growth.freed();
    if (threads.length > count) trim();
  }

  function hearAnswer(thread: Thread, answer: PoolAnswer): void {
    switch (answer.type) {
      case "ready":
        thread.isReady = true;
        if (!loaded) warnings.replaced(answer.replaced);
        loaded = true;
        ({ name } = answer.job);
        tuneFor(answer.job);
        watch(answer.job.options.itemTimeoutMs);
        return ready.resolve(answer.job);
      case "unusable":
        return giveUp(revive(answer.error));
      case "failed":
        return takePending(thread, answer.id)?.reject(failureOf(answer.error));
      case "checked":
        return takePending(thread, answer.id)?.resolve(answer);
      case "draining":
        return drain(thread, answer.id);
      case "part":
        setupFailures = 0;
        options.onFiles(answer.files);
        return thread.pending.get(answer.id)?.events.onPart?.(replyIn(answer));
      case "chunks":
        if (answer.done.length > 0) setupFailures = 0;
        options.onFiles(answer.files);
        if (answer.merging !== null) announce(thread, answer.merging);
        return takePending(thread, answer.id)?.resolve(answer);
      case "merge":
      case "plan":
        options.onFiles(answer.files);
        return takePending(thread, answer.id)?.resolve(answer);
    }
  }

  /** The thread has gone on with a merge, before it was asked for it. */
  function announce(thread: Thread, id: number): void {
    const answer = owed(thread, { id, type: "merge", careful: false, events: {}, draining: false });
    // It rejects if the thread dies, before anybody awaits it.
    answer.catch(() => undefined);
    announced.set(id, answer);
  }

  function bury(thread: Thread, { reason, culprit, death }: ThreadEnd): void {
    const place = threads.indexOf(thread);
    if (place < 0) return;
    threads.splice(place, 1);
    options.limits?.gone(thread.port);
    removeThreadJournal(options.directory, thread.name);
    if (!broken && !loaded) giveUp(endedLoading(options.jobFile, reason));
    startWanted();
    for (const { id, careful, reject } of thread.pending.values()) {
      const guilty = id === culprit;
      if (broken) reject(broken);
      else if (guilty && isSettingUp(thread.heartbeat))
        reject(setupFailed(`setup of the job ${name} ended its thread: ${reason}`));
      else reject(guilty && careful && death ? new ItemDied(death) : new ThreadDied(guilty, reason));
    }
  }

  function failureOf(error: ThreadError): Error {
    return error.code === "SETUP_FAILED" ? setupFailed(error.message) : revive(error);
  }

  /** Each thread has its own `setup`: all of them may fail at the same time. */
  function setupFailed(message: string): SetupFailed {
    return new SetupFailed(message, Math.ceil(++setupFailures / most));
  }

  function ask(make: MakeCall, events: ChunksEvents = {}): Promise<Answer> {
    // Its number is older than an interruption that comes while it waits.
    const id = ++lastId;
    const room = growth.room();
    return room === null ? send(id, make, events) : room.then(() => send(id, make, events));
  }

  function send(id: number, make: MakeCall, events: ChunksEvents): Promise<Answer> {
    if (broken) return Promise.reject(broken);
    const thread = threads.slice(0, count).reduce((a, b) => (isFreer(b, a) ? b : a));
    const call = make(thread, id);
    events.onThread?.(thread.number);
    const careful = call.type === "chunks" && call.careful !== null;
    const answer = owed(thread, { id, type: call.type, careful, events, draining: false });
    thread.port.postMessage(call);
    return answer;
  }

  /** Ends threads that have not answered an interrupted request: their code never yields. */
  function replaceDeaf(upTo: number): void {
    if (!loaded) return;
    for (const thread of threads.slice()) {
      if ([...thread.pending.keys()].every((id) => id > upTo)) continue;
      const ending = { reason: "it did not stop when it was interrupted", culprit: null, death: null };
      // Its event loop may turn.
      replace(thread, ending, endThread);
    }
  }

  /** At once, because a thread that waits in native code (`execSync`) cannot be ended before that returns. */
  function replace(
    thread: Thread,
    ending: ThreadEnd,
    end: (thread: Thread) => Promise<unknown> = ({ worker }) => worker.terminate(),
  ): void {
    const ended = end(thread).finally(() => leaving.delete(ended));
    leaving.add(ended);
    bury(thread, ending);
  }

  const runner = threadRunner({
    ask,
    newId: () => ++lastId,
    announced(id) {
      const answer = announced.get(id);
      announced.delete(id);
      return answer;
    },
  });
  startWanted();
  const loading = setTimeout(() => {
    if (!loaded) startUpTo(count);
  }, SLOW_LOAD_MS).unref();
  const cutting = options.isTail
    ? cutTail(threads, { isTail: options.isTail, isAnyIdle: () => idle() > 0, count: () => count })
    : undefined;
  const hearing = watchSilence(threads, options.silentMs ?? SILENT_MS, hear);
  return {
    job: ready.promise,
    ...runner,
    async checkParams(params) {
      await ask((_, id) => ({ type: "params", id, params }));
    },
    killBusy(reason) {
      const busy = threads.find(({ pending }) => pending.size > 0);
      if (!busy || !loaded || closed) return false;
      replace(busy, { reason, culprit: null, death: null });
      return true;
    },
    interrupt(graceMs) {
      const upTo = lastId;
      interruptedUpTo = upTo;
      for (const { state, port } of threads) {
        Atomics.store(state, INTERRUPTED, upTo);
        port.postMessage({ type: "interrupt", upTo } satisfies Call);
      }
      setTimeout(() => replaceDeaf(upTo), graceMs).unref();
    },
    idle,
    overtake(chunks) {
      for (const { port, pending } of threads) {
        if (pending.size > 0) port.postMessage({ type: "overtaken", chunks } satisfies Call);
      }
    },
    resize(wanted) {
      count = wanted;
      if (broken || closed) return;
      startWanted();
      trim();
    },
    itemsInProcess: () => new Map(threads.map((thread) => [thread.number, itemsIn(thread)])),
    isSetUp: () => threads.some(isSetUp),
    async close() {
      closed = true;
      clearTimeout(loading);
      growth.end();
      clearInterval(watching);
      clearInterval(hearing);
      clearInterval(cutting);
      await Promise.all([...threads.map(endThread), ...leaving]);
    },
  };
}
