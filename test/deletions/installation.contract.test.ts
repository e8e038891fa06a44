import { expect, it } from "vitest";
import { openInstallation } from "#src/deletions/installation.ts";
import { describeOnEveryDatabase } from "#test/support/every-database.ts";

describeOnEveryDatabase("the installation", ({ open, openTwice }) => {
  it("is the same for all processes on one database, from the first moment on", async () => {
    const databases = await openTwice();
    const atOnce = await Promise.all([...databases, ...databases].map(openInstallation));
    const later = await openInstallation(databases[1]);

    for (const installation of atOnce) {
      expect(installation.isOfAnother(later.mintId())).toBe(false);
    }
  });

  it("is another one for each database", async () => {
    const [here, elsewhere] = [
      await openInstallation(await open()),
      await openInstallation(await open()),
    ];

    expect(here.isOfAnother(elsewhere.mintId())).toBe(true);
    expect(here.isOfAnother("made-by-a-person")).toBe(false);
  });

  it("mints ids that Google takes, and none twice", async () => {
    const installation = await openInstallation(await open());
    const ids = Array.from({ length: 100 }, () => installation.mintId());

    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[a-v0-9]{5,1024}$/);
  });
});
