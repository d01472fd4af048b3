// SPDX-License-Identifier: Apache-2.0
// The headers that nearly every test includes.
#include <doctest/doctest.h>
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>
#include <simdjson.h>
#include "tests/json.hpp"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>
