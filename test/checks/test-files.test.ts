import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import config from "../../vitest.config.ts";
import { projectRoot } from "../support/threadline.ts";

const testFiles = globSync("test/**/*.test.ts", { cwd: projectRoot });

describe("the tests themselves", () => {
  it("are all collected by a project: a test nobody runs is none", () => {
    const projects = (config as { test: { projects: { test: { include: string[] } }[] } }).test.projects;
    const collected = new Set(projects.flatMap((project) => project.test.include.flatMap((pattern) => globSync(pattern, { cwd: projectRoot }))));
    expect(testFiles.length).toBeGreaterThan(20);
    expect(testFiles.filter((file) => !collected.has(file))).toEqual([]);
  });

  it("run whole: none is focused or left out without a condition", () => {
    const offending = testFiles.filter((file) => /\b(it|test|describe)\.(only|todo|skip)\(/.test(readFileSync(join(projectRoot, file), "utf8")) && !file.endsWith("test-files.test.ts"));
    expect(offending).toEqual([]);
  });
});
