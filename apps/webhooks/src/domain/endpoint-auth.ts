/** How we say who we are to a receiver, beside the signature. */
export type AuthType = 'none' | 'basic' | 'bearer' | 'oauth2' | 'mtls';

/** As a caller gives it. */
export interface Auth {
  readonly type: AuthType;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  readonly clientAuthentication?: 'header' | 'body' | undefined;
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly ca?: string | undefined;
}

export type AuthField = Exclude<keyof Auth, 'type'>;
type Need = 'required' | 'optional' | 'secret';

/** What belongs to which type. A secret is required, sealed, and never shown again. */
export const authFields: Record<AuthType, { readonly [Field in AuthField]?: Need }> = {
  none: {},
  basic: { username: 'required', password: 'secret' },
  bearer: { token: 'secret' },
  oauth2: {
    ...{ tokenUrl: 'required', clientId: 'required', clientSecret: 'secret' },
    ...{ scope: 'optional', audience: 'optional', clientAuthentication: 'optional' },
  },
  mtls: { certificate: 'required', privateKey: 'secret', ca: 'optional' },
};

/** As it is shown, and stored beside the endpoint. */
export type ShownAuth = Omit<Auth, 'password' | 'token' | 'clientSecret' | 'privateKey'> & {
  readonly hasSecret?: true;
};

export type SecretAuth = Pick<Auth, 'password' | 'token' | 'clientSecret' | 'privateKey'>;

export const noAuth: ShownAuth = { type: 'none' };

/** Why this value of this field does not do, or null. */
export function authProblem(type: AuthType, field: AuthField, value: unknown): string | null {
  const need = authFields[type][field];
  if (need === undefined) return value === undefined ? null : `does not belong to ${type}`;
  if (value === undefined) return need === 'optional' ? null : `is required for ${type}`;
  return typeof value === 'string' && value !== '' ? null : 'must be a text that is not empty';
}

/** The half that may be shown and the half that is sealed; null: there is nothing to seal. */
export function splitAuth(auth: Auth): { shown: ShownAuth; secret: SecretAuth | null } {
  const fields = Object.entries(authFields[auth.type]) as [AuthField, Need][];
  const given = fields.filter(([field]) => auth[field] !== undefined);
  const of = (isSecret: boolean) =>
    Object.fromEntries(
      given.filter(([, need]) => (need === 'secret') === isSecret).map(([name]) => [name, auth[name]]),
    );
  const secret: SecretAuth = of(true);
  if (Object.keys(secret).length === 0) return { shown: { type: auth.type, ...of(false) }, secret: null };
  return { shown: { type: auth.type, ...of(false), hasSecret: true }, secret };
}
