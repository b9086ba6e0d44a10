export interface ApiAnswer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface ApiCall {
  body?: unknown;
  headers?: Record<string, string>;
}

/** A client of one service or of the gateway: JSON in, JSON out, no status is an error. */
export class Api {
  constructor(
    private readonly baseUrl: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  static withToken(baseUrl: string, token: string): Api {
    return new Api(baseUrl, { authorization: `Bearer ${token}` });
  }

  get<T = Record<string, unknown>>(path: string): Promise<ApiAnswer<T>> {
    return this.send('GET', path);
  }

  post<T = Record<string, unknown>>(path: string, body?: unknown, headers?: Record<string, string>) {
    return this.send<T>('POST', path, { body, ...(headers ? { headers } : {}) });
  }

  async send<T = Record<string, unknown>>(method: string, path: string, call: ApiCall = {}): Promise<ApiAnswer<T>> {
    const { body, headers } = call;
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: {
        ...this.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) as T };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
