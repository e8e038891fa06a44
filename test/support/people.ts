import type { Principal } from "#src/policy/principal.ts";

export const alice: Principal = {
  id: "alice",
  name: "Alice",
  role: "admin",
  timeZone: "Europe/Berlin",
};

export const bob: Principal = {
  id: "bob",
  name: "Bob",
  role: "operator",
  timeZone: "America/New_York",
};

export const carol: Principal = { id: "carol", name: "Carol", role: "viewer", timeZone: "UTC" };
