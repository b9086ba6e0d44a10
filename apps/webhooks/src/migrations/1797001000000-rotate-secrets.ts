import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Several secrets of an endpoint, replaced while it is in use: the API may move the end of one and remove one, and
 * nothing else of it. The public half of an ed25519 key is kept beside its sealed seed and published to everybody. Who
 * asks for it is nobody's tenant, so a function answers that runs with its owner's rights; those are widened by two
 * policies that let nothing but this function see more than before, for nobody can log in as the owner. A key stays
 * published for five minutes past its end, as long as a receiver may take a request for new.
 */
const statements = [
  `ALTER TABLE endpoint_secrets ADD COLUMN public_key text`,
  `ALTER TABLE endpoint_secrets
     ADD CONSTRAINT endpoint_secrets_public_key CHECK ((kind = 'ed25519') = (public_key IS NOT NULL))`,
  `GRANT UPDATE (expires_at), DELETE ON endpoint_secrets TO webhooks_app`,
  `CREATE POLICY endpoint_secrets_lookup ON endpoint_secrets FOR SELECT TO webhooks_owner USING (kind = 'ed25519')`,
  `CREATE POLICY endpoints_lookup ON endpoints FOR SELECT TO webhooks_owner USING (true)`,
  `CREATE FUNCTION published_keys(endpoint uuid) RETURNS TABLE (id uuid, public_key text)
     LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
     SELECT s.id, s.public_key
       FROM endpoints e JOIN endpoint_secrets s ON s.tenant_id = e.tenant_id AND s.endpoint_id = e.id
      WHERE e.id = endpoint AND e.state IN ('active', 'paused', 'disabled') AND s.kind = 'ed25519'
        AND (s.expires_at IS NULL OR (s.expires_at > s.not_before AND s.expires_at > now() - interval '5 minutes'))
      ORDER BY s.id DESC $$`,
  `REVOKE ALL ON FUNCTION published_keys(uuid) FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION published_keys(uuid) TO webhooks_app`,
  // Found by its id alone, before anybody knows whose it is.
  `CREATE INDEX endpoints_by_id ON endpoints (id)`,
];

export class RotateSecrets1797001000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('Migrations are forward-only.');
  }
}
