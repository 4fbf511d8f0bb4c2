/** What tests do on a page, and read from it, as somebody would. */
import type { Page } from "playwright-core";

export async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([file = "", content = ""]) => {
      const data = new DataTransfer();
      data.items.add(new File([content], file));
      return data;
    },
    [name, text],
  );
  await page.dispatchEvent(".drop-zone", "drop", { dataTransfer: transfer });
}

/** The numbers of a batch's sum as they are shown: succeeded, failed, skipped, and what they come to. */
export async function shownSum(page: Page): Promise<number[]> {
  const texts = await page.locator(".sum .term:not(.beside) .value").allInnerTexts();
  return texts.map((text) => Number(text.replaceAll(",", "")));
}
