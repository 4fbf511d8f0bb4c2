/** The page that the servers of this package show, loaded (in a checkout made) at the first look. */
import type { PageSource } from "./page-answers.ts";

export const shippedPage: PageSource = async () => {
  const { pageHtml } = await import("../../page/page-html.ts");
  return pageHtml();
};
