// SPDX-License-Identifier: Apache-2.0
// The headers that nearly every source of the OCI emulator includes.
#include <gatehouse/sdk.hpp>
#include "tools/oci_emulator/json.hpp"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
