import { type SchemaModule, sql } from "kysely";

/**
 * One step of the schema; forward only, never changed once released. It gets no table types: a
 * migration must not change when the code does.
 */
interface Migration {
  readonly name: string;
  /** @param run for what the schema builder cannot say; SQL of SQLite. */
  up(schema: SchemaModule, run: (statement: string) => Promise<unknown>): Promise<void>;
}

export const migrations: readonly Migration[] = [
  {
    name: "0001-initial",
    async up(schema, run) {
      await schema
        .createTable("audit")
        .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("at", "bigint", (column) => column.notNull())
        .addColumn("entry", "text", (column) => column.notNull())
        .addColumn("vmid", "integer")
        .addColumn("origin", "text")
        .addColumn("previous_hash", "text", (column) => column.notNull().unique())
        .addColumn("hash", "text", (column) => column.notNull().unique())
        .execute();
      await schema.createIndex("audit_vmid").on("audit").column("vmid").execute();
      await schema.createIndex("audit_origin").on("audit").column("origin").execute();
      for (const change of ["update", "delete"]) {
        await run(
          `create trigger audit_no_${change} before ${change} on audit begin select raise(abort, 'the audit log is append-only'); end`,
        );
      }

      await schema
        .createTable("confirmation")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("tool", "text", (column) => column.notNull())
        .addColumn("input", "text", (column) => column.notNull())
        .addColumn("target", "text", (column) => column.notNull())
        .addColumn("hash", "text", (column) => column.notNull())
        .addColumn("summary", "text", (column) => column.notNull())
        .addColumn("conversation", "text", (column) => column.notNull())
        .addColumn("requested_by", "text", (column) => column.notNull())
        .addColumn("requested_by_name", "text", (column) => column.notNull())
        .addColumn("requested_at", "bigint", (column) => column.notNull())
        .addColumn("expires_at", "bigint", (column) => column.notNull())
        .addColumn("decided_by", "text")
        .addColumn("decided_at", "bigint")
        .addColumn("vmid", "integer")
        .addColumn("place", "text")
        .addColumn("settled", "integer", (column) => column.notNull())
        .execute();

      await schema
        .createTable("session_item")
        .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("conversation", "text", (column) => column.notNull())
        .addColumn("item", "text", (column) => column.notNull())
        .addColumn("at", "bigint", (column) => column.notNull())
        .execute();
      await schema
        .createIndex("session_item_conversation")
        .on("session_item")
        .columns(["conversation", "seq"])
        .execute();

      await schema
        .createTable("deletion")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("revision", "integer", (column) => column.notNull())
        .addColumn("vmid", "integer", (column) => column.notNull())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("node", "text", (column) => column.notNull())
        .addColumn("fingerprint", "text", (column) => column.notNull())
        .addColumn("pool", "text")
        .addColumn("due_at", "bigint", (column) => column.notNull())
        .addColumn("time_zone", "text", (column) => column.notNull())
        .addColumn("requested_by", "text", (column) => column.notNull())
        .addColumn("requested_by_name", "text", (column) => column.notNull())
        .addColumn("requested_at", "bigint", (column) => column.notNull())
        .addColumn("confirmed_by", "text")
        .addColumn("confirmed_by_name", "text")
        .addColumn("confirmed_at", "bigint")
        .addColumn("without_backup", "integer", (column) => column.notNull())
        .addColumn("beyond_limit", "integer", (column) => column.notNull())
        .addColumn("event_etag", "text")
        .addColumn("event_at", "bigint")
        .addColumn("event_gone", "integer", (column) => column.notNull())
        .addColumn("reminded_revision", "integer", (column) => column.notNull())
        .addColumn("next_at", "bigint")
        .addColumn("owner", "text")
        .addColumn("lease_until", "bigint", (column) => column.notNull())
        .addColumn("fence", "integer", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("begun_at", "bigint")
        .addColumn("stopped_by_us", "integer", (column) => column.notNull())
        .addColumn("task_step", "text")
        .addColumn("task_upid", "text")
        .addColumn("backup_storage", "text")
        .addColumn("backup_volume", "text")
        .addColumn("backup_until", "bigint")
        .addColumn("committed_at", "bigint")
        .addColumn("upid", "text")
        .addColumn("mark", "text")
        .addColumn("reason", "text")
        .execute();

      await schema
        .createIndex("deletion_open_guest")
        .unique()
        .on("deletion")
        .columns(["vmid", "fingerprint"])
        .where(sql.ref("state"), "in", ["inserting", "planned", "preparing", "destroying", "held"])
        .execute();
      await schema
        .createIndex("deletion_next")
        .on("deletion")
        .column("next_at")
        .where(sql.ref("next_at"), "is not", null)
        .execute();
      await schema
        .createIndex("deletion_begun")
        .on("deletion")
        .column("begun_at")
        .where(sql.ref("begun_at"), "is not", null)
        .execute();

      await schema
        .createTable("calendar_event")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("seq", "integer", (column) => column.notNull().unique())
        .addColumn("cancelled", "integer", (column) => column.notNull())
        .addColumn("starts_at", "bigint", (column) => column.notNull())
        .addColumn("time_zone", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("description", "text", (column) => column.notNull())
        .addColumn("creator", "text", (column) => column.notNull())
        .addColumn("marks", "text", (column) => column.notNull())
        .execute();

      await schema
        .createTable("calendar_sync")
        .addColumn("calendar_id", "text", (column) => column.primaryKey())
        .addColumn("token", "text")
        .addColumn("synced_at", "bigint", (column) => column.notNull())
        .addColumn("owner", "text")
        .addColumn("lease_until", "bigint", (column) => column.notNull())
        .execute();

      await schema
        .createTable("installation")
        .addColumn("id", "text", (column) => column.primaryKey())
        .execute();

      await schema
        .createTable("inbox")
        .addColumn("key", "text", (column) => column.primaryKey())
        .addColumn("lane", "text", (column) => column.notNull())
        .addColumn("payload", "text", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("received_at", "bigint", (column) => column.notNull())
        .addColumn("done_at", "bigint")
        .execute();
      await schema
        .createIndex("inbox_state")
        .on("inbox")
        .columns(["state", "received_at"])
        .execute();

      await schema
        .createTable("outbox")
        .addColumn("key", "text", (column) => column.primaryKey())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("recipient", "text", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .addColumn("about", "text")
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("next_at", "bigint", (column) => column.notNull())
        .addColumn("created_at", "bigint", (column) => column.notNull())
        .addColumn("place", "text")
        .execute();
      await schema.createIndex("outbox_due").on("outbox").columns(["state", "next_at"]).execute();

      await schema
        .createTable("cursor")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("position", "integer", (column) => column.notNull())
        .execute();

      await schema
        .createTable("slack_thread")
        .addColumn("thread", "text", (column) => column.primaryKey())
        .addColumn("engaged_at", "bigint", (column) => column.notNull())
        .execute();
    },
  },
];
