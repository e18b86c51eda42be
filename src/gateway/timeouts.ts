/** Node's defaults are five minutes for a request and a minute for its headers, whose size it bounds to 16 KiB. */
export const timeouts = { requestTimeout: 10_000, http: { headersTimeout: 10_000 } }
