// SPDX-License-Identifier: Apache-2.0
// The end of a server: its requests end, and the observers send what waits.  [main thread]
#pragma once

#include "core/app/gateway.hpp"
#include "core/instances/observer_queue.hpp"

#include <functional>

namespace gatehouse::core {

class Server;

/// As Gateway::drain().
void drain(Server& server, const ObserverQueues& observers, Log& log, const Gateway::DrainTimes& times,
           const std::function<void()>& meanwhile);

}  // namespace gatehouse::core
