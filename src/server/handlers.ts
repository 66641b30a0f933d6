import { containHandler } from "../contain/contain-handler.ts";
import { noticeHandler } from "../notices/notice-handler.ts";
import type { Handler } from "../work/handler.ts";

/** What the engine can do. `tocsin work` and `tocsin serve` hold the same. */
export const handlers: readonly Handler[] = [containHandler, noticeHandler];
