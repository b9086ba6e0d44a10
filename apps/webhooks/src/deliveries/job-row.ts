/** How a delivery and its message become a job, whichever way it is looked for: columns of `d` and `m`. */
export const JOB = `
         d.tenant_id AS "tenantId", d.id, d.endpoint_id AS "endpointId", d.message_id AS "messageId", d.shard,
         d.attempt, d.tried_before AS "triedBefore", d.due_at AS "dueAt", d.created_at AS "createdAt", m.body,
         m.traceparent, m.sequence,
         m.event_type AS type, coalesce(m.is_test, false) AS "isTest"`;

/** The message of `d`, if it is still kept. */
export const MESSAGE = `
    LEFT JOIN LATERAL (
      SELECT body, traceparent, sequence, event_type, is_test FROM messages
       WHERE tenant_id = d.tenant_id AND id = d.message_id LIMIT 1
    ) m ON true`;
