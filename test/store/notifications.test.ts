import { expect, test } from "vitest";
import { createNotifications } from "../../services/store/notifications.ts";
import type { Notification } from "../../services/store/notifications.ts";

const notification: Notification = { type: "release", journeyId: "0x01", data: { gate: 0 }, atMilliseconds: 1 };

test("every listener hears what is published until it unsubscribes", () => {
  const heard: string[] = [];
  const notifications = createNotifications();
  const end = notifications.subscribe(() => heard.push("first"));
  notifications.subscribe(() => heard.push("second"));
  notifications.publish(notification);
  end();
  notifications.publish(notification);
  expect(heard).toEqual(["first", "second", "second"]);
});

test("a listener that throws is reported and keeps none of the others from hearing", () => {
  const errors: unknown[] = [];
  const heard: Notification[] = [];
  const notifications = createNotifications((error) => errors.push(error));
  notifications.subscribe(() => {
    throw new Error("broken view");
  });
  notifications.subscribe((event) => heard.push(event));
  notifications.publish(notification);
  expect(heard).toEqual([notification]);
  expect(errors).toHaveLength(1);
});
