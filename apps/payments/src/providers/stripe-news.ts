import type { DisputeNews, MethodNews, OutcomeNews, ReturnNews } from './notification.ts';

/** A notification before it has its id and its time. */
export type News = OutcomeNews | ReturnNews | DisputeNews | MethodNews;
