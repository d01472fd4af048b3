// SPDX-License-Identifier: Apache-2.0
import { test } from "node:test";
test("soon", () => {});
