// SPDX-License-Identifier: Apache-2.0
// Everything a plugin author includes.
//
// Start with plugins/provider/hello; then read the header of the kind you
// write: provider.hpp, auth.hpp, mapper.hpp, dialect.hpp or hook.hpp.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/dialect.hpp"
#include "gatehouse/hook.hpp"
#include "gatehouse/layout.hpp"
#include "gatehouse/mapper.hpp"
#include "gatehouse/plugin.hpp"
#include "gatehouse/provider.hpp"
