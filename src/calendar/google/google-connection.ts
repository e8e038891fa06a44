import { auth, calendar, type calendar_v3 } from "googleapis/build/src/apis/calendar/index.js";
import { fetchWithin } from "#src/bounds/fetch-within.ts";
import type { ServiceAccountKey } from "./service-account-key.ts";

/** The methods of Google's library for the events of a calendar. */
export type EventsApi = calendar_v3.Resource$Events;

export interface ConnectionOptions {
  readonly key: ServiceAccountKey;
  /** With a slash at its end; Google's own when omitted. */
  readonly apiRootUrl?: string | undefined;
  /** Google's own when omitted. */
  readonly tokenUrl?: string | undefined;
  /** Of one HTTP request, in milliseconds. */
  readonly timeoutMs: number;
  /** Told the `date` header of every answer. */
  readonly onDate: (date: string) => void;
}

/** The right to read and write events; that to share or remove calendars is not asked for. */
const scopes = ["https://www.googleapis.com/auth/calendar.events"];
/** To which the library posts its assertion, whatever it is told. */
const googleTokenUrl = "https://oauth2.googleapis.com/token";
/** Bytes of the longest answer: a page of 2,500 events takes a few. */
const longestAnswer = 16 * 1024 * 1024;

/** Fetches its access token with the first request, and a new one shortly before it expires. */
export function connectToGoogle(options: ConnectionOptions): EventsApi {
  const { key, apiRootUrl, tokenUrl = googleTokenUrl, timeoutMs, onDate } = options;
  const jwt = new auth.JWT({
    email: key.clientEmail,
    key: key.privateKey,
    scopes,
    // With its interceptors the environment could have the library print the access token.
    useAuthRequestParameters: false,
    // The library's own choice, node-fetch, throws where nobody can catch it when a request with a
    // body is aborted before it begins, such as while its access token is fetched.
    transporterOptions: { timeout: timeoutMs, fetchImplementation: fetchWithin(longestAnswer) },
  });
  const { request, response } = jwt.transporter.interceptors;
  request.add({
    async resolved(config) {
      if (config.url.href !== googleTokenUrl) return config;
      config.url = new URL(tokenUrl);
      // The library would repeat this one request by itself.
      delete config.retryConfig;
      return config;
    },
  });
  const noteDate = (headers: Headers | undefined) => {
    const date = headers?.get("date");
    if (date) onDate(date);
  };
  response.add({
    async resolved(answer) {
      noteDate(answer.headers);
      return answer;
    },
    async rejected(error) {
      noteDate(error.response?.headers);
      throw error;
    },
  });
  const rootUrl = apiRootUrl === undefined ? {} : { rootUrl: apiRootUrl };
  return calendar({ version: "v3", auth: jwt, retry: false, ...rootUrl }).events;
}
