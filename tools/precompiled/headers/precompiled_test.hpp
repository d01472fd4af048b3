// SPDX-License-Identifier: Apache-2.0
// The headers that nearly every test includes.
#include <doctest/doctest.h>
#include <gatehouse/sdk.hpp>
#include <nlohmann/json.hpp>
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
