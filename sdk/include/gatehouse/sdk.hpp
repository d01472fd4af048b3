// SPDX-License-Identifier: Apache-2.0
// The one header that a plugin includes.
//
// Start with plugins/provider/hello, which is installed in share/gatehouse.  Then read the
// header of your kind: provider.hpp, auth.hpp, mapper.hpp, dialect.hpp, hook.hpp, store.hpp,
// limiter.hpp or observer.hpp.
// Helpers are headers of their own: json.hpp, upstream.hpp and the others of HELPERS.md.
#pragma once

#include "gatehouse/admin.hpp"
#include "gatehouse/auth.hpp"
#include "gatehouse/dialect.hpp"
#include "gatehouse/hook.hpp"
#include "gatehouse/layout.hpp"
#include "gatehouse/limiter.hpp"
#include "gatehouse/local.hpp"
#include "gatehouse/mapper.hpp"
#include "gatehouse/observer.hpp"
#include "gatehouse/plugin.hpp"
#include "gatehouse/provider.hpp"
#include "gatehouse/route_query.hpp"
#include "gatehouse/store.hpp"
