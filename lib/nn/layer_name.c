#include "nn/layer_name.h"

#include <stdio.h>
#include <string.h>

void layer_base_name(char name[PARAM_NAME], const struct layer *layer)
{
    char *dot;

    snprintf(name, PARAM_NAME, "%s", layer->params[0].name);
    dot = strrchr(name, '.');
    if (dot)
        *dot = '\0';
}

/* The layer with parameters that i is or comes after; LAYER_INPUT: none. */
static size_t named_layer(const struct net *net, size_t i)
{
    while (i != LAYER_INPUT && !net->layers[i].n_params)
        i = net->layers[i].from;
    return i;
}

void layer_name_near(char name[PARAM_NAME], const struct net *net, size_t i)
{
    i = named_layer(net, i);
    if (i == LAYER_INPUT)
        snprintf(name, PARAM_NAME, "the input");
    else
        layer_base_name(name, &net->layers[i]);
}

void layer_full_name(char name[LAYER_NAME], const struct net *net, size_t i)
{
    char near[PARAM_NAME];

    layer_name_near(near, net, i);
    if (net->layers[i].n_params)
        snprintf(name, LAYER_NAME, "%s", near);
    else
        snprintf(name, LAYER_NAME, "the %s after %s", net->layers[i].ops->name,
                 near);
}
