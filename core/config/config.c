/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config - the configuration as an object: made by read.c, then never changed
 */
#include "private.h"

G_DEFINE_QUARK(pl - config - error - quark, pl_config_error)

static void
array_unref(void *array)
{
	g_ptr_array_unref(array);
}

pl_config *
pl_config_new(const char *file)
{
	pl_config *c = g_new0(pl_config, 1);

	g_atomic_ref_count_init(&c->refs);
	c->file = g_strdup(file);
	c->gateway.delimiter = '+'; /* a bad one is one complaint, not two */
	c->journals = g_ptr_array_new_with_free_func(g_free);
	c->names = g_hash_table_new(g_str_hash, g_str_equal);
	c->exact =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, array_unref);
	c->domains =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, array_unref);
	c->strings = g_string_chunk_new(4096);
	c->arrays = g_ptr_array_new_with_free_func(array_unref);
	return c;
}

pl_config *
pl_config_ref(pl_config *config)
{
	g_atomic_ref_count_inc(&config->refs);
	return config;
}

void
pl_config_unref(pl_config *config)
{
	if (config == NULL || !g_atomic_ref_count_dec(&config->refs))
		return;
	g_free(config->file);
	g_free(config->text);
	g_free(config->digest);
	g_clear_pointer(&config->gateway.timezone, g_time_zone_unref);
	g_hash_table_unref(config->exact);
	g_hash_table_unref(config->domains);
	g_hash_table_unref(config->names);
	g_ptr_array_unref(config->journals);
	g_ptr_array_unref(config->arrays);
	g_string_chunk_free(config->strings);
	g_free(config);
}

const char *
pl_config_keep(pl_config *config, const char *text)
{
	return g_string_chunk_insert(config->strings, text);
}

GPtrArray *
pl_config_array(pl_config *config, GDestroyNotify free_member)
{
	GPtrArray *array = g_ptr_array_new_with_free_func(free_member);

	g_ptr_array_add(config->arrays, array);
	return array;
}

const char *
pl_config_file(const pl_config *config)
{
	return config->file;
}

const char *
pl_config_text(const pl_config *config)
{
	return config->text;
}

const char *
pl_config_digest(const pl_config *config)
{
	return config->digest;
}

const struct pl_gateway *
pl_config_gateway(const pl_config *config)
{
	return &config->gateway;
}

unsigned
pl_config_journals(const pl_config *config)
{
	return config->journals->len;
}

const struct pl_journal *
pl_config_journal(const pl_config *c, unsigned i)
{
	return g_ptr_array_index(c->journals, i);
}

const struct pl_journal *
pl_config_find(const pl_config *c, const char *name)
{
	return g_hash_table_lookup(c->names, name);
}
