/** `fanjoin watch`: follows a batch that another process or a stack runs. */
import { Command } from "commander";
import { withLookedAt, withOutcome } from "../../common-options.ts";
import type { OutcomeOptions, PlaceOptions } from "../../common-options.ts";
import { followBatch } from "../../follow/follow-batch.ts";
import { checkOutput } from "../../follow/check-output.ts";
import { withOnEnd } from "../../follow/on-end.ts";
import type { OnEndOption } from "../../follow/on-end.ts";
import { checkStream, withStream } from "../../follow/stream-outputs.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";

export function watchCommand(): Command {
  const command = new Command("watch").description(
    "follow a batch that another process or a stack runs, until its end",
  );
  return withStream(withOnEnd(withOutcome(withPlace(withLookedAt(command))))).action(
    async (named: string, options: PlaceOptions & OutcomeOptions & OnEndOption) => {
      await checkOutput(options);
      checkStream(options);
      await using place = await placeOf(options);
      const batch = await place.find(named);
      const following = { place, begin: async () => batch, announce: "never", here: false } as const;
      process.exitCode = await followBatch(following, options);
    },
  );
}
